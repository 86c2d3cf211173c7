/** Who is at the other end. */
export interface Peer {
  /** `address:port`, or `memory`. */
  readonly address: string;
  readonly origin: string | null;
}

/** What a transport offers to the RPC core. */
export interface Connection {
  readonly peer: Peer;
  /** Carries one answer and nothing after it, such as an HTTP request: no subscription can live on it. */
  readonly oneShot?: boolean;
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
  /** One whole message, fragments joined; binary messages carry UTF-8 text. */
  message(data: string | Uint8Array): void;
  /** The connection is gone; called exactly once. */
  closed(): void;
  /** Stops taking calls and resolves when the running ones are answered. */
  drain(): Promise<void>;
}

/** Called by a transport for each accepted connection. */
export type Accept = (connection: Connection) => ConnectionHandler;
