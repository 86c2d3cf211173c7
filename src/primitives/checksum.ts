import { keccak256 } from "../crypto/keccak.ts";
import type { Address } from "./types.ts";

/** Spells an address in the mixed case of EIP-55, as geth prints addresses. */
export function checksumAddress(address: Address): Address {
  const digits = address.slice(2);
  const hash = keccak256(new TextEncoder().encode(digits)).toHex();
  let mixed = "";
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charAt(at);
    mixed += hash.charAt(at) >= "8" ? digit.toUpperCase() : digit;
  }
  return `0x${mixed}`;
}
