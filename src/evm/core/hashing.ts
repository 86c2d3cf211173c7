/** How the tables spread their keys: keyed, because anyone may choose addresses and slots. */

let seed0: u64 = 0x9e3779b97f4a7c15;
let seed1: u64 = 0xbf58476d1ce4e5b9;
let seed2: u64 = 0x94d049bb133111eb;

/** Sets the key; once, before anything is in a table. */
export function seed(a: u64, b: u64, c: u64): void {
  seed0 = a;
  seed1 = b;
  seed2 = c | 1;
}

/** The upper and the lower half of a product, folded. */

function fold(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff, a1 = a >> 32, b0 = b & 0xffffffff, b1 = b >> 32;
  const p01 = a0 * b1, p10 = a1 * b0;
  const middle = (a0 * b0 >> 32) + (p01 & 0xffffffff) + (p10 & 0xffffffff);
  return (a1 * b1 + (p01 >> 32) + (p10 >> 32) + (middle >> 32)) ^ (a * b);
}

export function hashAddress(word: usize): u32 {
  return <u32> fold(fold(load<u64>(word) ^ seed0, load<u64>(word, 8) ^ seed1) ^ <u64> load<u32>(word, 16), seed2);
}

export function hashSlot(owner: u32, key: usize): u32 {
  const low = fold(load<u64>(key) ^ seed0, load<u64>(key, 8) ^ seed1);
  const upper = load<u64>(key, 16) | load<u64>(key, 24);
  if (upper == 0) return <u32> fold(low ^ <u64> owner, seed2);
  return <u32> fold(low ^ fold(load<u64>(key, 16) ^ seed1, load<u64>(key, 24) ^ seed0) ^ <u64> owner, seed2);
}
