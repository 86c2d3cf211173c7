import { invalidParams } from "../../rpc/error.ts";
import type { Hash, Hex } from "../types.ts";
import { fixedHex, quantity } from "../../primitives/hex.ts";

const KEY_BYTES = 32;

/**
 * Decodes a storage slot's key as leniently as geth does: the prefix is optional, leading zeros may be left out
 * (internal/ethapi/api.go, decodeStorageKey). Fails with -32602 and geth's text, which names no argument.
 */
export function decodeStorageKey(text: string): Hash {
  const digits = /^0[xX]/.test(text) ? text.slice(2) : text;
  if (digits.length + digits.length % 2 > KEY_BYTES * 2) {
    throw invalidParams(`storage key too long (want at most ${KEY_BYTES} bytes): ${JSON.stringify(text)}`);
  }
  if (!/^[0-9a-fA-F]*$/.test(digits)) throw invalidParams(`invalid hex in storage key: ${JSON.stringify(text)}`);
  return fixedHex(BigInt(`0x0${digits}`), KEY_BYTES);
}

/**
 * Writes a key as eth_getProof answers it: 32 bytes stay 32 bytes, whatever is shorter becomes a quantity, as the first
 * versions of the method wrote it (internal/ethapi/api.go, GetProof).
 */
export function proofKey(text: string): Hex {
  const key = decodeStorageKey(text);
  const digits = /^0[xX]/.test(text) ? text.length - 2 : text.length;
  return digits + digits % 2 === KEY_BYTES * 2 ? key : quantity(BigInt(key));
}
