import { ripemd160 as ripemd } from "@noble/hashes/legacy.js";
import { sha256 as sha } from "@noble/hashes/sha2.js";

export function sha256(input: Uint8Array): Uint8Array {
  return sha(input);
}

/** The digest behind twelve zeros. */
export function ripemd160(input: Uint8Array): Uint8Array {
  const output = new Uint8Array(32);
  output.set(ripemd(input), 12);
  return output;
}
