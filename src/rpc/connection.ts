/** Who is at the other end, as the handshake decided; a transport that asks for no credentials knows nobody. */
export interface Principal {
  /** Names the principal in log lines and counters. It is no secret, and one of few. */
  readonly name: string;
}

/** What is known of the other end. */
export interface Peer {
  /** `address:port`, or `memory`. */
  readonly address: string;
  readonly origin: string | null;
  /** Null where nobody was asked for credentials. */
  readonly principal: Principal | null;
}

/** What a transport offers to the RPC core. */
export interface Connection {
  readonly peer: Peer;
  /** False for one that carries one answer and nothing after it, such as an HTTP request; true when absent. */
  readonly canSubscribe?: boolean;
  /** Queues one text message. A no-op once closed. The transport bounds the queue and closes a slow consumer. */
  send(text: string): void;
  /** True while more than so many bytes that were handed to `send` have not left this process. */
  isBehind(bytes: number): boolean;
  /** Resolves when the queue is below the transport's low-water mark, or the connection is closed. */
  drained(): Promise<void>;
  /** Starts the closing handshake; later calls are no-ops. */
  close(code: number, reason: string): void;
}

/** What the RPC core gives to a transport for each connection. */
export interface ConnectionHandler {
  /** Takes one whole message, fragments joined; binary messages carry UTF-8 text. */
  message(data: string | Uint8Array): void;
  /** The connection is gone; called exactly once. */
  closed(): void;
  /** Refuses messages that come from now on, and resolves when those that came before are answered. */
  drain(): Promise<void>;
  /** Answers every call that is not answered yet with an error: the connection is about to be closed. */
  cancel(): void;
}

/** Called by a transport for each accepted connection; the peer's principal decides what it may call. */
export type Accept = (connection: Connection) => ConnectionHandler;
