// The things that Ethereum is made of, as plain values with their encodings: hex, RLP, hashes, addresses, transactions,
// headers, receipts, blooms. Pure functions: no state, no clock, no chain. It may import crypto/ and the types of eth/.
// A rule that depends on a fork belongs to chain/consensus, a shape on the wire to eth/. If you need a block that is not
// in your hand, you are in the wrong place.

export { quantity } from "./hex.ts";
