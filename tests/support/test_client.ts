import type { ConnectionHandler } from "../../src/rpc/connection.ts";
import { createDispatcher } from "../../src/rpc/dispatcher.ts";
import { DEFAULT_LIMITS } from "../../src/rpc/limits.ts";
import type { NamespaceTable } from "../../src/rpc/method.ts";
import { createRegistry, type Registry } from "../../src/rpc/registry.ts";

export interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/** A client of the RPC core, without a socket: sends text, and matches the answers to the calls by their id. */
export class TestClient implements Disposable {
  readonly registry: Registry;
  /** The notifications that came, in order. */
  readonly notifications: unknown[] = [];
  readonly #handler: ConnectionHandler;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(tables: readonly NamespaceTable[]) {
    this.registry = createRegistry(tables, { allow: tables.map(({ namespace }) => namespace) });
    const ignore = () => {};
    this.#handler = createDispatcher({
      peer: { address: "memory", origin: null, principal: null },
      send: (text) => this.#receive(text),
      isBehind: () => false,
      drained: () => Promise.resolve(),
      close: ignore,
    }, { registry: this.registry, limits: DEFAULT_LIMITS, log: { debug: ignore, error: ignore } });
  }

  #receive(text: string): void {
    const message = JSON.parse(text);
    if (!("id" in message)) {
      this.notifications.push(message.params);
      return;
    }
    this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }

  /** Calls a method and resolves with its whole answer. */
  call(method: string, params: readonly unknown[] = []): Promise<Answer> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#handler.message(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return promise;
  }

  /** Calls a method that must succeed. */
  async result(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const { result, error } = await this.call(method, params);
    if (error !== undefined) throw new Error(`${method}: ${error.code} ${error.message}`);
    return result;
  }

  [Symbol.dispose](): void {
    this.#handler.closed();
  }
}
