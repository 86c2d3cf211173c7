/**
 * The seam between the methods and whatever chain answers them: small roles, and nothing that does any work.
 *
 * `node.ts` holds what every node offers (reads, state, execution, transactions, events), `pool.ts` what one with a
 * transaction pool offers besides, `dev.ts` what a chain under a test's control does; `simulate.ts`,
 * `trace.ts` and `testing.ts` are the roles of eth_simulateV1, debug and testing. The embedded chain implements all of
 * them; a gateway to real nodes implements the first. Values that cross are wire-shaped JSON, encoded once below the
 * seam and never again above it.
 *
 * It may import eth and the types of rpc. You are in the wrong place when you write a function body.
 */
export type * from "./dev.ts";
export type * from "./node.ts";
export type * from "./pool.ts";
export type * from "./simulate.ts";
export type * from "./testing.ts";
export type * from "./trace.ts";
