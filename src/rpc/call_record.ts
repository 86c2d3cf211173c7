import { whenSettled } from "./awaitable.ts";
import type { Layer } from "./layer.ts";

/** One run of a handler. */
export interface CallRecord {
  readonly method: string;
  readonly milliseconds: number;
  readonly ok: boolean;
}

/**
 * Reports each run of a handler to the function that `observer` returns at that moment; while it returns undefined, no call
 * is timed. Calls that reach no handler are not reported, as in geth's metrics (rpc/handler.go `handleCall`).
 */
export function observed(observer: () => ((record: CallRecord) => void) | undefined): Layer {
  return (next) => (call, context) => {
    const observe = observer();
    if (observe === undefined) return next(call, context);
    const begin = performance.now();
    return whenSettled(() => next(call, context), (ok) => {
      if (context.reached) observe({ method: call.method, milliseconds: performance.now() - begin, ok });
    });
  };
}
