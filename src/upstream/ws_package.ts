// npm:ws reads two variables of `process.env` while it is evaluated, which a process without --allow-env may not. They
// are answered here, for that moment only: the order of these three imports is what makes it work.
import "./env_answered.ts";
import * as ws from "ws";
import "./env_restored.ts";

/** The answer to a refused handshake. */
export interface HandshakeResponse {
  readonly statusCode?: number | undefined;
  readonly headers: { readonly [name: string]: string | undefined };
}

interface SocketEvents {
  open: [];
  pong: [data: Uint8Array];
  message: [data: Uint8Array, isBinary: boolean];
  "unexpected-response": [request: unknown, response: HandshakeResponse];
  error: [error: Error];
  close: [code: number, reason: Uint8Array];
}

export interface SocketOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly maxPayload: number;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
  readonly perMessageDeflate: boolean;
}

/** The part of the package's WebSocket that is used; the package itself has no types. */
export interface Socket {
  on<K extends keyof SocketEvents>(event: K, listener: (...args: SocketEvents[K]) => void): void;
  send(text: string): void;
  ping(): void;
  terminate(): void;
}

export const WebSocket: new (url: string, options: SocketOptions) => Socket = ws.WebSocket;
