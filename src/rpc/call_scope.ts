import type { CallContext, CallerConnection } from "./method.ts";

/**
 * One call's context. The signal is made when a handler first asks for it, so that calls which never look at it cost
 * nothing, and it is the call's own, so that listeners left on it go away with the call.
 */
export class CallScope implements CallContext {
  readonly connection: CallerConnection;
  readonly #live: Set<CallScope>;
  #controller: AbortController | undefined;
  #ended = false;

  /** `live` holds the scopes that must be told when the connection ends. */
  constructor(connection: CallerConnection, live: Set<CallScope>) {
    this.connection = connection;
    this.#live = live;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (!this.#ended) this.#live.add(this);
    }
    return this.#controller.signal;
  }

  /** The call is over: nothing can abort it any more. */
  end(): void {
    this.#ended = true;
    this.#live.delete(this);
  }

  /** The connection is gone. */
  abort(): void {
    this.end();
    this.#controller ??= new AbortController();
    this.#controller.abort(new DOMException("the connection is closed", "AbortError"));
  }
}
