import { invalidParams, isObject, RpcError } from "../rpc/mod.ts";
import type { MemoryClient } from "../transport/mod.ts";

/** A call as EIP-1193 has it. */
export interface RequestArguments {
  /** Its whole name, such as `eth_call`. */
  readonly method: string;
  /** By position; none when absent. */
  readonly params?: readonly unknown[] | undefined;
}

/** A message of a subscription that was made with {@link MemoryProvider.request} (EIP-1193, `message`). */
export interface ProviderMessage {
  /** `eth_subscription`, or the same for another namespace. */
  readonly type: string;
  /** The id that the subscribe call returned, and the notification. */
  readonly data: { readonly subscription: string; readonly result: unknown };
}

type Listener = (message: ProviderMessage) => void;

/** An EIP-1193 provider over one in-memory connection: `request`, and `message` events for subscriptions. */
export class MemoryProvider {
  readonly #client: MemoryClient;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #listeners = new Set<Listener>();
  #lastId = 0;

  constructor(client: MemoryClient) {
    this.#client = client;
    this.#read();
  }

  /** Calls a method and resolves with its result; rejects with the {@link RpcError} that a client would be sent. */
  request({ method, params = [] }: RequestArguments): Promise<unknown> {
    if (this.#client.ended !== null) return Promise.reject(new RpcError(DISCONNECTED, "the server was stopped"));
    const id = ++this.#lastId;
    let text: string;
    try {
      text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : cause;
      return Promise.reject(invalidParams(`the parameters of ${method} are not JSON: ${reason}`, { cause }));
    }
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#client.send(text);
    return answer.promise;
  }

  /** Calls `listener` with every notification of every subscription that {@link request} made. */
  on(event: "message", listener: Listener): this {
    if (event === "message") this.#listeners.add(listener);
    return this;
  }

  removeListener(event: "message", listener: Listener): this {
    if (event === "message") this.#listeners.delete(listener);
    return this;
  }

  close(): void {
    this.#client.close();
  }

  async #read(): Promise<void> {
    for (let text = await this.#client.next(); text !== null; text = await this.#client.next()) {
      const message: unknown = JSON.parse(text);
      if (isObject(message)) this.#deliver(message);
    }
    for (const { reject } of this.#waiting.values()) reject(new RpcError(DISCONNECTED, "the server was stopped"));
    this.#waiting.clear();
  }

  #deliver({ id, method, params, result, error }: Record<string, unknown>): void {
    if (typeof method === "string" && id === undefined) {
      const data = params as ProviderMessage["data"];
      for (const listener of this.#listeners) listener({ type: method, data });
      return;
    }
    const answer = this.#waiting.get(Number(id));
    this.#waiting.delete(Number(id));
    if (isObject(error)) answer?.reject(new RpcError(Number(error["code"]), String(error["message"]), error));
    else answer?.resolve(result);
  }
}

/** EIP-1193: the provider is disconnected from all chains. */
const DISCONNECTED = 4900;
