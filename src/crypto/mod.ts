// Hashes and curves: keccak-256, secp256k1 signatures, and the worker that runs heavy curve arithmetic and KZG proofs, so
// that the event loop is never held.
// It may import concurrency/ and nothing else of this program. It knows bytes and numbers. You are in the wrong place when
// you write what an address, a transaction or a block is: that belongs to primitives/.

export { keccak256 } from "./keccak.ts";
