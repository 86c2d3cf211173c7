import { CODE, RpcError } from "./error.ts";
import { failure, type Outcome } from "./message.ts";
import type { Awaitable } from "./method.ts";

const TIMED_OUT = failure(new RpcError(CODE.timeout, "request timed out"));

/**
 * The time that all calls of one connection have together: what a call has not answered by then is answered for it
 * (geth's rpc/handler.go `handleBatch` and `handleNonBatchCall`).
 */
export class TimeLimit {
  readonly #expired = Promise.withResolvers<Outcome>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #over = false;

  /** Calls `expired` at the end, to stop what still runs. */
  constructor(milliseconds: number, expired: () => void) {
    this.#timer = setTimeout(() => {
      this.#over = true;
      this.#expired.resolve(TIMED_OUT);
      expired();
    }, milliseconds);
  }

  /** The outcome, or at the end of the time the error that stands in for it; after that nothing is started any more. */
  bound(start: () => Awaitable<Outcome>): Awaitable<Outcome> {
    if (this.#over) return TIMED_OUT;
    const outcome = start();
    return outcome instanceof Promise ? Promise.race([outcome, this.#expired.promise]) : outcome;
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
