import type { Address } from "../eth/types.ts";
import { keccak256 } from "../crypto/keccak.ts";

/** An address in the mixed case of EIP-55, as geth prints it in errors. */
export function checksumAddress(address: Address): string {
  const digits = address.slice(2);
  const hash = keccak256(new TextEncoder().encode(digits)).toHex();
  let text = "0x";
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charAt(i);
    text += parseInt(hash.charAt(i), 16) >= 8 ? digit.toUpperCase() : digit;
  }
  return text;
}
