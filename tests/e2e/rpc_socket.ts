/** Notifications of one subscription, as their `result`s. */
export type Told = Record<string, unknown>[];

/** A plain JSON-RPC client over WebSocket: calls in flight, and subscriptions that are written down. */
export class RpcSocket implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #told = new Map<string, Told>();
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    const closed = Promise.withResolvers<{ code: number; reason: string }>();
    this.closed = closed.promise;
    socket.onclose = ({ code, reason }) => closed.resolve({ code, reason });
    socket.onmessage = ({ data }) => this.#take(JSON.parse(String(data)));
  }

  static open(url: string): Promise<RpcSocket> {
    const socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      socket.onopen = () => resolve(new RpcSocket(socket));
      socket.onerror = () => reject(new Error(`nothing answers at ${url}`));
    });
  }

  /** Resolves with the result, or with the error object of the answer. */
  call(method: string, ...params: unknown[]): Promise<unknown> {
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(++this.#lastId, waiting);
    this.#socket.send(JSON.stringify({ jsonrpc: "2.0", id: this.#lastId, method, params }));
    return waiting.promise;
  }

  /** Subscribes and returns the list that notifications are added to. */
  async subscribe(kind: string, ...params: unknown[]): Promise<Told> {
    const id = String(await this.call("eth_subscribe", kind, ...params));
    const told = this.#told.get(id) ?? [];
    this.#told.set(id, told);
    return told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }

  #take(message: Record<string, unknown>): void {
    if (message["method"] === undefined) {
      const waiting = this.#waiting.get(Number(message["id"]));
      this.#waiting.delete(Number(message["id"]));
      waiting?.resolve(message["error"] ?? message["result"]);
      return;
    }
    const { subscription, result } = message["params"] as { subscription: string; result: Record<string, unknown> };
    const told = this.#told.get(subscription) ?? [];
    this.#told.set(subscription, told);
    told.push(result);
  }
}
