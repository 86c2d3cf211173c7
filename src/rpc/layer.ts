import type { Request } from "./message.ts";
import type { Awaitable } from "./awaitable.ts";
import type { CallContext } from "./method.ts";

/** Runs one call and returns its result, or throws; an RpcError reaches the client as it is. */
export type Invoke = (call: Request, context: CallContext) => Awaitable<unknown>;

/**
 * Wraps the running of calls: what it does before and after `next` happens for each call of a connection. Metrics, the call
 * log, time limits, quotas and caches are layers.
 *
 * @example Refuses every call of one method
 * ```ts
 * import { type Layer, RpcError } from "./mod.ts";
 *
 * const withoutLogs: Layer = (next) => (call, context) => {
 *   if (call.method === "eth_getLogs") throw new RpcError(-32000, "logs are not served");
 *   return next(call, context);
 * };
 * ```
 */
export type Layer = (next: Invoke) => Invoke;

/** Puts layers around `invoke`; the first is the outermost. */
export function layered(layers: readonly Layer[], invoke: Invoke): Invoke {
  return layers.reduceRight((next, layer) => layer(next), invoke);
}
