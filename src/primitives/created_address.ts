import { keccakDigits } from "./hash.ts";
import { fixedHex } from "./hex.ts";
import { rlpList, rlpNumber, rlpString } from "./rlp.ts";
import type { Address } from "./types.ts";

/** Returns the address of the contract that a creation by `sender` at `nonce` makes. */
export function createdAddress(sender: Address, nonce: bigint): Address {
  return `0x${keccakDigits(rlpList([rlpString(sender.slice(2)), rlpNumber(nonce)])).slice(26)}`;
}

/** Returns the address of the contract that a CREATE2 by `sender` makes (EIP-1014). */
export function create2Address(
  sender: Address,
  { salt, initCode }: { readonly salt: bigint; readonly initCode: Uint8Array },
): Address {
  const preimage = `ff${sender.slice(2)}${fixedHex(salt, 32).slice(2)}${keccakDigits(initCode.toHex()).slice(2)}`;
  return `0x${keccakDigits(preimage).slice(26)}`;
}
