/**
 * Real nodes as one node: connections to them (`*_channel.ts`, `session.ts`, `upstream.ts`), which of them is followed and
 * how its head becomes the gateway's (`leader.ts`, `head_tracker.ts`, `head_follower.ts`, `chain_ring.ts`), who is asked what
 * (`gateway.ts`, `router.ts`, `answer_cache.ts`), and the roles of a node over all that (`roles/`). `upstream_node.ts` puts it
 * together.
 *
 * One property holds everything together: the gateway's head is a block whose receipts are at hand, its parent is the block
 * told before it, or an unwinding was told; and every read at `latest` is answered by an upstream that has that block, or
 * waits.
 *
 * It may import node/, events/, eth/, primitives/, concurrency/ and rpc/. You are in the wrong place when you read a flag
 * (cli/), decide which namespaces there are (namespaces/), or execute anything: only the upstreams do.
 */
export { type UpstreamAddress, UpstreamAddressError } from "./address.ts";
export type { CallCounts, UpstreamCall } from "./call_counts.ts";
export { DEFAULT_TIMEOUT_MS, readUpstreams, UpstreamConfigError, type UpstreamInput } from "./config.ts";
export type { UpstreamSpec } from "./upstream.ts";
export {
  createUpstreamNode,
  type UpstreamNode,
  type UpstreamNodeOptions,
  type UpstreamStatus,
} from "./upstream_node.ts";
