import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "./types.ts";

/** The keccak-256 hash of hex digits. */
export function keccakDigits(digits: string): Hash {
  return `0x${keccak256(Uint8Array.fromHex(digits)).toHex()}`;
}
