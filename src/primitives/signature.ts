import { keccak256 } from "../crypto/keccak.ts";
import { recoverPublicKey } from "../crypto/signature.ts";
import type { Address, Signature } from "./types.ts";

/** The order of secp256k1: `r` and `s` of a signature are above zero and below it. */
export const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** EIP-2: the highest `s` from Homestead on; a higher one makes a signature malleable. */
export const HALF_CURVE_ORDER = CURVE_ORDER / 2n;

/** Returns the address whose key signed a digest; undefined when no key can have made the signature. */
export function recoverAddress(digest: Uint8Array, { r, s, yParity }: Signature): Address | undefined {
  try {
    const key = recoverPublicKey(digest, { r: wordBytes(r), s: wordBytes(s), yParity });
    return `0x${keccak256(key).toHex().slice(24)}`;
  } catch {
    return undefined;
  }
}

function wordBytes(value: bigint): Uint8Array {
  return Uint8Array.fromHex(value.toString(16).padStart(64, "0"));
}
