import { keccakDigits } from "./hash.ts";
import { rlpList, rlpNumber, rlpString } from "./rlp.ts";
import type { Address } from "./types.ts";

/** Where a creation by `sender` at `nonce` puts its contract. */
export function createdAddress(sender: Address, nonce: bigint): Address {
  return `0x${keccakDigits(rlpList([rlpString(sender.slice(2)), rlpNumber(nonce)])).slice(26)}`;
}
