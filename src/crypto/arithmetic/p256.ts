// EIP-7951.
import { p256 } from "@noble/curves/nist.js";

const INPUT_BYTES = 160;
const POINT_AT = 96;

/** One word, 1, when the signature is right; nothing otherwise, whatever the input. */
export function p256Verify(input: Uint8Array): Uint8Array {
  const none = new Uint8Array(0);
  if (input.length !== INPUT_BYTES) return none;
  const key = new Uint8Array(65);
  key[0] = 4;
  key.set(input.subarray(POINT_AT), 1);
  try {
    const options = { prehash: false, lowS: false, format: "compact" } as const;
    if (!p256.verify(input.subarray(32, POINT_AT), input.subarray(0, 32), key, options)) return none;
  } catch {
    // Keys off the curve and signatures out of range are thrown.
    return none;
  }
  const output = new Uint8Array(32);
  output[31] = 1;
  return output;
}
