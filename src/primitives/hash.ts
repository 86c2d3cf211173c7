import type { Hash } from "../eth/types.ts";
import { keccak256 } from "../crypto/keccak.ts";

/** The keccak-256 hash of hex digits. */
export function keccakDigits(digits: string): Hash {
  return `0x${keccak256(Uint8Array.fromHex(digits)).toHex()}`;
}
