/**
 * The interfaces between the methods and the node that answers them: small roles, without any code.
 *
 * `node.ts` holds {@link Node}: which roles every node has and which are optional. Each role has a file: `blocks.ts` (with
 * the identity), `state.ts`, `executor.ts`, `submit.ts`, and the optional `pool.ts`, `raw.ts`, `trace.ts`, `inspect.ts`,
 * `simulate.ts`, `testing.ts`, `dev.ts`. Questions are decoded values, which the codecs of eth/input can encode again for
 * a node that is asked over the network. Answers are encoded JSON or scalars: the node encodes them once, and no layer above
 * does so again.
 *
 * It may import events, eth, primitives and the types of rpc. You are in the wrong place when you write a function body.
 */
export type * from "./blocks.ts";
export type * from "./dev.ts";
export type * from "./executor.ts";
export type * from "./inspect.ts";
export type * from "./node.ts";
export type * from "./pool.ts";
export type * from "./raw.ts";
export type * from "./simulate.ts";
export type * from "./state.ts";
export type * from "./submit.ts";
export type * from "./testing.ts";
export type * from "./trace.ts";
