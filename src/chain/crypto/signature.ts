import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { Address, Signature } from "../../eth/types.ts";
import { keccak256 } from "./keccak.ts";

/** The address whose key made a signature over a digest; undefined when there is none. */
export function recoverAddress(digest: Uint8Array, signature: Signature): Address | undefined {
  try {
    const point = new secp256k1.Signature(signature.r, signature.s, signature.yParity).recoverPublicKey(digest);
    return `0x${keccak256(point.toBytes(false).subarray(1)).subarray(12).toHex()}`;
  } catch {
    return undefined;
  }
}
