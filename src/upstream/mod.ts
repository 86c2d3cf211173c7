/**
 * Real nodes as one node: connections to them (`*_channel.ts`, `session.ts`, `upstream.ts`), the choice of the node to follow
 * and the way of its head to the gateway (`leader.ts`, `head_tracker.ts`, `head_follower.ts`, `chain_ring.ts`), the routing of
 * questions (`gateway.ts`, `router.ts`, `pauses.ts`, `answer_cache.ts`), and the roles of a node over all that (`roles/`). `upstream_node.ts`
 * joins the parts. `pinned_node.ts` joins some of them for a fork, to which one block is the newest for good: no head is followed,
 * and calls over HTTP share requests (`batching_channel.ts`).
 *
 * One invariant is behind everything: the receipts of the gateway's head are present; its parent is the block that was
 * announced before it, or blocks were taken back first; and every read at `latest` is answered by an upstream that has the
 * head, or waits.
 *
 * It may import node/, events/, eth/, primitives/, concurrency/ and rpc/. You are in the wrong place when you read a flag
 * (cli/), decide which namespaces there are (namespaces/), or execute anything: only the upstreams do.
 */
export { type UpstreamAddress, UpstreamAddressError } from "./address.ts";
export type { CallCounts, UpstreamCall } from "./call_counts.ts";
export { DEFAULT_TIMEOUT_MS, readUpstreams, UpstreamConfigError, type UpstreamInput } from "./config.ts";
export type { UpstreamSpec } from "./upstream.ts";
export type { UpstreamHeader } from "./head.ts";
export { createPinnedNode, type PinnedNode, type PinnedNodeOptions } from "./pinned_node.ts";
export type { UpstreamLog, UpstreamStatus } from "./status.ts";
export { createUpstreamNode, type UpstreamNode, type UpstreamNodeOptions } from "./upstream_node.ts";
