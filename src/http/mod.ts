/**
 * JSON-RPC over HTTP: one POST is one message in and at most one out, behind geth's rules for methods, content
 * types, body sizes, pages of other origins (CORS) and virtual hosts; and the two pages that show a load balancer the
 * state of the server. A site joins the endpoints and pages that share a port in one fetch-style handler.
 *
 * May import: `transport`, and the types of `rpc/connection.ts`.
 *
 * You are in the wrong place if you are about to parse JSON, name a method, read a flag, or bind a port. The meaning of a
 * message belongs to `rpc/`, sockets and ports to `transport/`, and counters to `metrics/`.
 */
export { type CorsPolicy, corsPolicy } from "./cors.ts";
export { HealthPages, type HealthReport, type HealthSource, type UpstreamHealth } from "./health.ts";
export { createHttpRpc, type HttpRpc, type HttpRpcOptions } from "./http_rpc.ts";
export { createSite, type Page, type SiteOptions } from "./site.ts";
export { HostGuard, type HostPolicy, hostPolicy } from "./virtual_hosts.ts";
