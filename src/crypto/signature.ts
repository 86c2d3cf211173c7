import { secp256k1 } from "@noble/curves/secp256k1.js";

/** The part of the WebAssembly library that recovery needs. */
interface Recovery {
  recoverPublicKeyUncompressed(signature: Uint8Array, recoveryId: 0 | 1, digest: Uint8Array): Uint8Array | string;
}

let fast: Recovery | undefined;
let loading: Promise<void> | undefined;

/**
 * Loads the WebAssembly recovery: 0.27 ms instead of 1.1 with JavaScript, but 70 to 160 ms to load (measured), so that
 * only a process that recovers loads it. Called by the first recovery; a test may wait for it.
 */
export function loadFastRecovery(): Promise<void> {
  loading ??= import("@bitauth/libauth").then(async ({ instantiateSecp256k1 }) => {
    fast = await instantiateSecp256k1() as Recovery;
  }).catch(() => {
    // A runtime without WebAssembly keeps the JavaScript recovery.
  });
  return loading;
}

/** The 64 bytes of the public key that signed a digest; throws when there is none. */
export function recoverPublicKey(digest: Uint8Array, signature: { r: Uint8Array; s: Uint8Array; yParity: 0 | 1 }) {
  const compact = new Uint8Array(64);
  compact.set(signature.r, 32 - signature.r.length);
  compact.set(signature.s, 64 - signature.s.length);
  if (fast === undefined) {
    loadFastRecovery();
    const point = secp256k1.Signature.fromBytes(compact).addRecoveryBit(signature.yParity).recoverPublicKey(digest);
    return point.toBytes(false).slice(1);
  }
  const key = fast.recoverPublicKeyUncompressed(compact, signature.yParity, digest);
  if (typeof key === "string") throw new Error(key);
  return key.slice(1);
}
