import { keccak256 } from "../../crypto/keccak.ts";
import { recoverPublicKey } from "../../crypto/signature.ts";

const INPUT_BYTES = 128;
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The address that signed a digest: `digest, v, r, s`; nothing when nobody did. */
export function ecRecover(given: Uint8Array): Uint8Array {
  const none = new Uint8Array(0);
  const input = new Uint8Array(INPUT_BYTES);
  input.set(given.subarray(0, INPUT_BYTES));
  const v = BigInt(`0x${input.subarray(32, 64).toHex()}`);
  if (v !== 27n && v !== 28n) return none;
  const [r, s] = [input.subarray(64, 96), input.subarray(96)] as const;
  for (const bytes of [r, s]) {
    const value = BigInt(`0x${bytes.toHex()}`);
    if (value === 0n || value >= CURVE_ORDER) return none;
  }
  try {
    const key = recoverPublicKey(input.subarray(0, 32), { r, s, yParity: v === 28n ? 1 : 0 });
    const output = new Uint8Array(32);
    output.set(keccak256(key).subarray(12), 12);
    return output;
  } catch {
    // There is no point with this x.
    return none;
  }
}
