import type { Accept, Connection, ConnectionHandler } from "../rpc/connection.ts";
import { CLOSE } from "./websocket/close.ts";

/** The client of a connection in memory. */
export interface MemoryClient {
  /** Delivers one message to the server's handler. */
  send(data: string | Uint8Array): void;
  /** Returns the next message from the server, or null once it has closed. */
  next(): Promise<string | null>;
  /** The messages that were received and that `next` has not returned yet. */
  readonly received: readonly string[];
  /** The close code and reason; null while the connection is open. */
  readonly ended: { readonly code: number; readonly reason: string } | null;
  /** Ends the connection with 1000; does nothing once it has ended. */
  close(): void;
}

/** Connects a client to `accept` without a socket: for tests, and for a program that embeds the server. */
export function connectMemory(accept: Accept, options: { readonly origin?: string | null } = {}): MemoryClient {
  return new MemoryPair(accept, options.origin ?? null);
}

class MemoryPair implements MemoryClient {
  readonly received: string[] = [];
  readonly #handler: ConnectionHandler;
  readonly #readers: ((text: string | null) => void)[] = [];
  #ended: { code: number; reason: string } | null = null;

  constructor(accept: Accept, origin: string | null) {
    const end = (code: number, reason: string) => this.#end(code, reason);
    const deliver = (text: string) => this.#deliver(text);
    const connection: Connection = {
      peer: { address: "memory", origin, principal: null },
      send: deliver,
      // The client has a message as soon as it is sent.
      isBehind: () => false,
      drained: () => Promise.resolve(),
      close: end,
    };
    this.#handler = accept(connection);
  }

  get ended(): { readonly code: number; readonly reason: string } | null {
    return this.#ended;
  }

  send(data: string | Uint8Array): void {
    if (this.#ended === null) this.#handler.message(data);
  }

  next(): Promise<string | null> {
    const text = this.received.shift();
    if (text !== undefined) return Promise.resolve(text);
    if (this.#ended !== null) return Promise.resolve(null);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  close(): void {
    this.#end(CLOSE.normal, "");
  }

  #deliver(text: string): void {
    if (this.#ended !== null) return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.received.push(text);
    else reader(text);
  }

  #end(code: number, reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = { code, reason };
    for (const reader of this.#readers.splice(0)) reader(null);
    // As with a socket, the handler is told of the end after the call that caused it has returned.
    queueMicrotask(() => this.#handler.closed());
  }
}
