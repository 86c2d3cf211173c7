import type { Principal } from "./principal.ts";

/** The remote end of a connection. */
export interface Peer {
  /** `address:port`, or `memory`. */
  readonly address: string;
  readonly origin: string | null;
  /** Null where no credentials are asked for. */
  readonly principal: Principal | null;
}

/** The text before and after the shared part of a message. */
export interface Around {
  readonly head: string;
  readonly tail: string;
}

/** A connection, as a transport offers it to the RPC core. */
export interface Connection {
  readonly peer: Peer;
  /** False for a connection that carries one answer and nothing after it, such as an HTTP request; true when absent. */
  readonly canSubscribe?: boolean;
  /** Queues one text message; does nothing once closed. The transport bounds the queue and closes a slow consumer. */
  send(text: string): void;
  /**
   * Queues a message of a `body` that many connections share and the text around it on this one: a transport may encode the
   * body once for all of them. Absent where that gains nothing.
   */
  sendShared?(body: string, around: Around): void;
  /** Returns true while more than `bytes` bytes that were given to `send` have not left this process. */
  isBehind(bytes: number): boolean;
  /** Resolves when the queue is below the transport's low-water mark, or the connection is closed. */
  drained(): Promise<void>;
  /** Starts the closing handshake; later calls are no-ops. */
  close(code: number, reason: string): void;
  /**
   * Is told that a limit has refused every call so far, and when to try again; null when a call was admitted. A transport that
   * has a status for this shows it.
   */
  throttled?(retryAfterMs: number | null): void;
}

/** The RPC core's side of a connection; a transport gets one for each. */
export interface ConnectionHandler {
  /** Takes one whole message, fragments joined; binary messages carry UTF-8 text. */
  message(data: string | Uint8Array): void;
  /** Ends the service of the connection, which is gone; called exactly once. */
  closed(): void;
  /** Refuses messages that come from now on; resolves when those that came before are answered. */
  drain(): Promise<void>;
  /** Answers every call that is not answered yet with an error; called before the connection is closed. */
  cancel(): void;
}

/** Serves one accepted connection; a transport calls it. The peer's principal decides which methods it may call. */
export type Accept = (connection: Connection) => ConnectionHandler;
