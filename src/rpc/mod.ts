/**
 * JSON-RPC 2.0 with subscriptions, and nothing else.
 *
 * A message comes in as text (`message.ts`, which lets `scanner.ts` find how ids are spelled), is looked up in the
 * tables of the namespaces (`registry.ts`), has its arguments read by the row's schemas (`arguments.ts`, `schema.ts`,
 * `schema_object.ts`) and is run and answered by the one dispatcher of its connection (`dispatcher.ts`, with `batch.ts`,
 * `answers.ts`, `reply.ts`, `subscription.ts`, `reverse_calls.ts`, `call_scope.ts` and `time_limit.ts`). `layer.ts` is the
 * extension point around each call. `connection.ts` says what a transport offers, `method.ts` what a namespace writes,
 * `limits.ts` and `text_limits.ts` what is bounded.
 *
 * This layer imports `concurrency/` and nothing else of the project. Everything above it may import from here; layers that
 * serve no methods (transport, chain, node) take only types, `RawJson` and `RpcError`.
 *
 * You are in the wrong place if what you write says "eth", "block" or "address", opens a socket, reads a flag, or adds
 * a method: those belong to `eth/`, `transport/`, `cli/` and `namespaces/`.
 */

export { CallLog } from "./call_log.ts";
export type { Awaitable } from "./awaitable.ts";
export { type CallRecord, observed } from "./call_record.ts";
export type { Accept, Connection, ConnectionHandler, Peer } from "./connection.ts";
export { createDispatcher } from "./dispatcher.ts";
export type { DispatcherOptions } from "./dispatcher_options.ts";
export { encodeExactly, parseExactly, parseLimited } from "./exact_json.ts";
export { CODE, invalidParams, limitError, RpcError, type RpcErrorOptions, serverError } from "./error.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { type Invoke, type Layer, layered } from "./layer.ts";
export type { Log } from "./log.ts";
export * from "./method.ts";
export { type OpenRpcDocument, openRpcDocument, type ServiceInfo } from "./openrpc.ts";
export { beginningOf, covers, permits, type Principal, type PrincipalLimits, type Rights } from "./principal.ts";
export { RawJson } from "./raw_json.ts";
export {
  createRegistry,
  type Fallback,
  type FallbackRequest,
  type MethodRow,
  type Registry,
  type RegistryOptions,
  type SubscriptionRow,
} from "./registry.ts";
export * from "./schema.ts";
export * from "./schema_object.ts";
export type { SubscriptionQuota } from "./subscription.ts";
export { type KindCount, SubscriptionCounts } from "./subscription_counts.ts";
