/**
 * Sockets and bytes: a port is bound, a handshake is checked, and a connection that passes carries whole messages of bounded
 * size at the pace of its peer. Nothing here is particular to Ethereum or to JSON-RPC.
 *
 * `net/` has what both protocols need (streams, addresses, the accept loop), `websocket/` the frames of RFC 6455
 * and the queue of a connection, `http1/` the requests of HTTP/1.1, `tls/` what encrypts them. Here are the rules of a handshake (`handshake.ts`,
 * `origin.ts`), the endpoint that joins these (`endpoint.ts`), the port (`listener.ts`), counters and rate-limited warnings.
 *
 * May import: `websocket`, `concurrency`, `text`, and the types of `rpc/connection.ts` and `rpc/method.ts`, and nothing else of this
 * program.
 *
 * You are in the wrong place if you are about to parse JSON, name a method, or read a flag. The meaning of a message is
 * `rpc/`'s concern, the rights of the process are `sandbox/`'s, and the options are `cli/`'s.
 */
export { type CloseCount, type RefusalKind, TransportCounters } from "./counters.ts";
export { type ClientAddress, createEndpoint, type Endpoint, type EndpointOptions } from "./endpoint.ts";
export {
  type Authorize,
  isUpgrade,
  pathOf,
  type Refusal,
  refusalResponse,
  servesPath,
  splitTokenPath,
  SUBPROTOCOL,
  upgradeRequired,
} from "./handshake.ts";
export type { Handler, RequestInfo } from "./http1/peer.ts";
export { bind, type Bound, type Served, type TlsPort } from "./listener.ts";
export { connectMemory, type MemoryClient } from "./memory.ts";
export { addressOf } from "./net/address.ts";
export { within } from "./net/deadline.ts";
export type { TransportLog } from "./net/log.ts";
export { type OriginPolicy, originPolicy } from "./origin.ts";
export { RateLimitedWarnings } from "./net/rate_limited_warnings.ts";
export type { TlsMaterial } from "./tls/material.ts";
export { CLOSE } from "./websocket/close.ts";
export { WINDOW_BYTES } from "./websocket/connection.ts";
