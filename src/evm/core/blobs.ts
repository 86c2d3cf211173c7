/** The versioned hashes of the transaction's blobs (EIP-4844), which the host has put in. */
import { allocate } from "./heap";
import * as words from "./words";

let start: usize = 0;
let count: u64 = 0;
let capacity: usize = 0;

/** Room for hashes of 32 bytes, big-endian. */
export function resize(hashes: u32): usize {
  if (<usize> hashes > capacity) {
    capacity = hashes;
    start = allocate(capacity << 5);
  }
  count = hashes;
  return start;
}

export function forget(): void {
  count = 0;
  capacity = 0;
}

/** word = the hash that it numbers, 0 when there is none. */
export function hashAt(word: usize): void {
  if (!words.isShort(word) || load<u64>(word) >= count) return words.clear(word);
  words.fromBytes(word, start + (<usize> load<u64>(word) << 5));
}
