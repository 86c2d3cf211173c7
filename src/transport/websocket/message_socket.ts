import type { Around } from "../../rpc/connection.ts";

/** The end of a socket. */
export interface SocketEnd {
  /** The code of the peer's close frame, or 1006. */
  readonly code: number;
  readonly reason: string;
  /** Why the connection broke; empty after a closing handshake. */
  readonly failure: string;
}

/** A breach of the rules by the peer: the code and reason with which the socket is closed. */
export interface Violation {
  readonly code: number;
  readonly reason: string;
}

/** The reports of a socket to its owner. */
export interface SocketEvents {
  opened(): void;
  /** Passes on one whole message, its fragments joined. */
  message(data: string | Uint8Array): void;
  /** Reports that the peer broke the protocol or a limit; no message follows. The owner closes the socket. */
  violated(violation: Violation): void;
  /** Reports that bytes may have left. `moved`: the owner sent more; `done`: it waits for nothing further. */
  writable(): { readonly moved: boolean; readonly done: boolean };
  /** Reports that the connection is gone. */
  closed(end: SocketEnd): void;
}

/** A WebSocket after its handshake: sends and receives whole messages. */
export interface MessageSocket {
  /** The bytes given to `send` that the system has not taken. */
  readonly bufferedAmount: number;
  /** Bytes that the system has taken since the start. */
  readonly takenBytes: number;
  start(events: SocketEvents): void;
  send(text: string): void;
  /** Sends `head + body + tail`; the body is the same for many sockets. */
  sendShared(body: string, around: Around): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Makes the socket call `writable` when bytes may have left, until that returns `done`. */
  awaitDrain(): void;
  /** Pings a silent peer and closes the connection of one that stays silent; called several times per idle time. */
  checkAlive(): void;
}
