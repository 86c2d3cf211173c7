// The things that Ethereum is made of, as plain values with their encodings: hex, RLP, hashes, addresses, transactions,
// headers, receipts, blooms, and the protocol rules that hold for any chain: limits, intrinsic gas, delegations. A rule
// that more than one layer needs is written here, once. Pure functions: no state, no clock, no chain. It may import
// crypto/ and nothing else of this program. A rule that depends on a fork belongs to chain/consensus, a shape on the wire
// to eth/. If you need a block that is not in your hand, you are in the wrong place.

export * from "./hex.ts";
export type * from "./types.ts";
