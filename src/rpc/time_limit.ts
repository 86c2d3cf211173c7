import { CODE, RpcError } from "./error.ts";
import type { Layer } from "./layer.ts";

/**
 * Limits the time that all calls of one connection have together: a call that is not answered by then is answered with an
 * error (geth's rpc/handler.go `handleBatch` and `handleNonBatchCall`).
 */
export class TimeLimit {
  /** Wraps every call of the connection; once the time is up, no call is started. */
  readonly layer: Layer;
  readonly #expired = Promise.withResolvers<void>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #isOver = false;

  /** Calls `onExpired` when the time is up, so that the calls that still run can be stopped. */
  constructor(milliseconds: number, onExpired: () => void) {
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      this.#expired.resolve();
      onExpired();
    }, milliseconds);
    this.layer = (next) => (call, context) => {
      if (this.#isOver) throw timedOut();
      const result = next(call, context);
      return result instanceof Promise ? Promise.race([result, this.#expired.promise.then(fail)]) : result;
    };
  }

  /** Ends the timer; called when the connection is gone. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}

function fail(): never {
  throw timedOut();
}

function timedOut(): RpcError {
  return new RpcError(CODE.timeout, "request timed out");
}
