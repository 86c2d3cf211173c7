import type { Address } from "./types.ts";
import { ZERO_ADDRESS } from "./hex.ts";

/** EIP-7702: the code of an account that delegates is this and an address. */
const PREFIX = "ef0100";
const DELEGATION_BYTES = 23;

/** Tells whether code is a delegation (EIP-7702). */
export function isDelegation(code: Uint8Array): boolean {
  return code.length === DELEGATION_BYTES && code[0] === 0xef && code[1] === 0x01 && code[2] === 0x00;
}

/** Returns the address that an account with this code delegates to; undefined for any other code. */
export function delegateOf(code: Uint8Array): Address | undefined {
  return isDelegation(code) ? `0x${code.subarray(3).toHex()}` : undefined;
}

/** Returns the code of an account that delegates to `address`; delegating to the zero address clears the code. */
export function delegationCode(address: Address): Uint8Array {
  return Uint8Array.fromHex(address === ZERO_ADDRESS ? "" : PREFIX + address.slice(2));
}
