import { keccakString } from "../../crypto/keccak.ts";
import { Pacer } from "../../concurrency/pacer.ts";

/**
 * The longest way for which a preimage is looked for, nibbles: each one more takes sixteen times as long; four take 0.2
 * seconds (measured).
 */
export const MAX_SEARCHED_NIBBLES = 5;
/** How many hashes are made between two looks at the clock. */
const HASHES_PER_LOOK = 256;

/**
 * Looks for bytes whose hash begins with a path, which has a character below 16 for each nibble: a proof of them shows the
 * node there. Null where the path is too long to be searched for.
 */
export async function preimageOf(path: string, bytes: number): Promise<Uint8Array | null> {
  if (path.length > MAX_SEARCHED_NIBBLES) return null;
  const candidate = new Uint8Array(bytes);
  const view = new DataView(candidate.buffer);
  const pacer = new Pacer();
  for (let count = 0;; count++) {
    if (count % HASHES_PER_LOOK === 0) await pacer.breathe();
    view.setUint32(bytes - 4, count);
    if (startsWith(keccakString(candidate), path)) return candidate;
  }
}

/** True when a key, a binary string, begins with a path. */
export function startsWith(key: string, path: string): boolean {
  for (let index = 0; index < path.length; index++) {
    const byte = key.charCodeAt(index >> 1);
    if (path.charCodeAt(index) !== ((index & 1) === 0 ? byte >> 4 : byte & 15)) return false;
  }
  return true;
}
