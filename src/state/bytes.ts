import type { Address, Hash, Hex } from "../eth/types.ts";

// Byte strings here are JavaScript strings with one character per byte ("binary strings"): V8 stores them in one byte
// per character, they compare and hash natively, and small typed arrays cost Deno 0.7 us each (measured).

/** The bytes of `0x` hex. */
export function hexBytes(hex: Hex): Uint8Array {
  return Uint8Array.fromHex(hex.length % 2 === 0 ? hex.slice(2) : `0${hex.slice(2)}`);
}

/** Bytes as `0x` hex. */
export function bytesHex(bytes: Uint8Array): Hex {
  return `0x${bytes.toHex()}`;
}

/** A number as a 32-byte word in hex. */
export function wordHex(value: bigint): Hash {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** A number as an address. */
export function addressHex(value: bigint): Address {
  return `0x${value.toString(16).padStart(40, "0")}`;
}

/** A binary string as `0x` hex. */
export function stringHex(text: string): Hex {
  let hex = "0x";
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    hex += byte < 16 ? `0${byte.toString(16)}` : byte.toString(16);
  }
  return hex as Hex;
}

/** Bytes as a binary string. */
export function bytesString(bytes: Uint8Array): string {
  let text = "";
  const chunk = 8192;
  for (let i = 0; i < bytes.length; i += chunk) {
    text += String.fromCharCode.apply(null, bytes.subarray(i, i + chunk) as unknown as number[]);
  }
  return text;
}
