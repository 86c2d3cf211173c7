import type { Address, Data, Hash, Hex, Quantity } from "./types.ts";

export const ZERO_HASH: Hash = `0x${"0".repeat(64)}`;
export const ZERO_ADDRESS: Address = `0x${"0".repeat(40)}`;

/** Encodes a non-negative number as a QUANTITY of JSON-RPC: `0x`, no leading zeros (EIP-1474). */
export function quantity(value: bigint | number): Quantity {
  return `0x${value.toString(16)}`;
}

/** Encodes bytes as `0x` hex. */
export function bytesToHex(bytes: Uint8Array): Data {
  return `0x${bytes.toHex()}`;
}

/** Decodes `0x` hex; an odd number of digits is read as if a zero stood before them. */
export function hexToBytes(hex: Hex): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex.length % 2 === 0 ? hex.slice(2) : `0${hex.slice(2)}`);
}

/** Encodes a number as hex of a fixed count of bytes, padded on the left. */
export function fixedHex(value: bigint, bytes: number): Hex {
  return `0x${value.toString(16).padStart(bytes * 2, "0")}`;
}

/** Encodes a number as a word of 32 bytes. */
export function wordHex(value: bigint): Hash {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** Encodes a number below 2^160 as an address. */
export function addressHex(value: bigint): Address {
  return `0x${value.toString(16).padStart(40, "0")}`;
}

/** The digits of the shortest big-endian encoding: empty for zero, else an even count. */
export function minimalDigits(value: bigint | number): string {
  if (value === 0n || value === 0) return "";
  const digits = value.toString(16);
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

/** Reads big-endian digits; no digits are zero. */
export function numberOfDigits(digits: string): bigint {
  return digits === "" ? 0n : BigInt(`0x${digits}`);
}

/**
 * Copies a string that was cut out of a longer one, so that what is kept for long does not hold the whole of it: V8
 * represents a slice as a pointer into its parent.
 */
export function detached<T extends string>(text: T): T {
  // JSON.parse builds a fresh flat string (measured: a slice of a 100 KB transaction no longer retains it).
  return JSON.parse(`"${text}"`) as T;
}
