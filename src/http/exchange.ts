import type { Accept, Connection, ConnectionHandler, Peer } from "../rpc/connection.ts";

/** One request as a {@link Connection}: one message in, at most one out, and nothing after it. */
export class Exchange implements Connection {
  readonly peer: Peer;
  readonly canSubscribe = false;
  #answer: string | undefined;
  #retryAfterMs: number | null = null;
  #handler: ConnectionHandler | undefined;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  send(text: string): void {
    this.#answer ??= text;
  }

  isBehind(): boolean {
    return false;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    // The connection may carry further requests.
  }

  throttled(retryAfterMs: number | null): void {
    this.#retryAfterMs = retryAfterMs;
  }

  /** The time that the client has to wait before anything is served to it; null when something was. */
  get retryAfterMs(): number | null {
    return this.#retryAfterMs;
  }

  /** Answers the calls that still run with an error. */
  cancel(): void {
    this.#handler?.cancel();
  }

  /** Runs the message and resolves with its answer, or with undefined when it asked for none. */
  async run(
    message: Uint8Array,
    { accept, request }: { accept: Accept; request: Request },
  ): Promise<string | undefined> {
    const handler = accept(this);
    this.#handler = handler;
    const gone = () => handler.closed();
    handler.message(message);
    const drained = handler.drain();
    // The runtime makes a request's signal when it is first read; a request that has been answered by now needs none.
    const signal = this.#answer === undefined ? request.signal : undefined;
    if (signal?.aborted === true) gone();
    signal?.addEventListener("abort", gone, { once: true });
    await drained;
    signal?.removeEventListener("abort", gone);
    handler.closed();
    return this.#answer;
  }
}
