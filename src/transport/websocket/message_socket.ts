import type { Around } from "../../rpc/connection.ts";

/** How a socket ended. */
export interface SocketEnd {
  /** The code of the peer's close frame, or 1006. */
  readonly code: number;
  readonly reason: string;
  /** Why the connection broke; empty after a closing handshake. */
  readonly failure: string;
}

/** A peer that broke the rules: the code and reason with which it is closed. */
export interface Violation {
  readonly code: number;
  readonly reason: string;
}

/** What a socket reports to its owner. */
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
  /** Bytes handed to `send` that the system has not taken. */
  readonly bufferedAmount: number;
  /** Bytes that the system has taken since the start. */
  readonly takenBytes: number;
  start(events: SocketEvents): void;
  send(text: string): void;
  /** Sends `head + body + tail`; the body is the same for many sockets. */
  sendShared(body: string, around: Around): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Makes the socket call `writable` when bytes may have left, until that answers `done`. */
  awaitDrain(): void;
  /** Called at regular times, several per idle time: pings a silent peer, and gives up on one that stays silent. */
  checkAlive(): void;
}
