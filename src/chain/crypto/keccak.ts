import { keccak_256 } from "@noble/hashes/sha3.js";

/** The Keccak-256 digest of `data`. */
export function keccak256(data: Uint8Array): Uint8Array {
  return keccak_256(data);
}
