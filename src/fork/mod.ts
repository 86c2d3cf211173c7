/**
 * A local chain on top of a real one. It joins `upstream/` (everything up to the forked block) and `chain/` (everything above
 * it) to one node. `block.ts` finds the block, `rules.ts` and `networks.ts` the forks that hold above it, `open.ts` starts a
 * fork, `sides.ts` decides who answers a question, the roles over both sides are in `roles/`, and `fork_node.ts` replaces
 * the whole when a client resets it. `source.ts` is how the state of the block is asked
 * for, `state/` what is known of it, and `facts/` what of that is kept on disk (`opened.ts`: also how to start without an upstream).
 *
 * It may import upstream/, chain/, node/, evm/'s forks, state/, crypto/, events/, eth/, primitives/, concurrency/ and rpc/. You are in
 * the wrong place when you read a flag (cli/), open a connection (upstream/) or execute anything (chain/).
 */
export { type BlockChoice, blockChoice, type ForkBlock } from "./block.ts";
export { createForkNode, type ForkNode, type ForkNodeOptions } from "./fork_node.ts";
export type { Fork, ForkOptions } from "./open.ts";
export type { RemoteSource } from "./source.ts";
export { RemoteState } from "./state/remote_state.ts";
