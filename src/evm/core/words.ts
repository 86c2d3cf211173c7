/**
 * 256-bit words: four 64-bit limbs in memory, the least significant first. All functions take the addresses of words; where
 * an instruction consumes two words and leaves one, the result goes where the lower of the two was.
 */

export function clear(p: usize): void {
  store<u64>(p, 0);
  store<u64>(p, 0, 8);
  store<u64>(p, 0, 16);
  store<u64>(p, 0, 24);
}

export function set(p: usize, low: u64): void {
  store<u64>(p, low);
  store<u64>(p, 0, 8);
  store<u64>(p, 0, 16);
  store<u64>(p, 0, 24);
}

export function copy(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u64>(to, load<u64>(from, 8), 8);
  store<u64>(to, load<u64>(from, 16), 16);
  store<u64>(to, load<u64>(from, 24), 24);
}

export function isZero(p: usize): bool {
  return (load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24)) == 0;
}

export function isEqual(a: usize, b: usize): bool {
  return ((load<u64>(a) ^ load<u64>(b)) | (load<u64>(a, 8) ^ load<u64>(b, 8)) |
    (load<u64>(a, 16) ^ load<u64>(b, 16)) | (load<u64>(a, 24) ^ load<u64>(b, 24))) == 0;
}

/** True when the word fits in 64 bits. */

export function isShort(p: usize): bool {
  return (load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24)) == 0;
}

export function isLess(a: usize, b: usize): bool {
  const a3 = load<u64>(a, 24), b3 = load<u64>(b, 24);
  if (a3 != b3) return a3 < b3;
  const a2 = load<u64>(a, 16), b2 = load<u64>(b, 16);
  if (a2 != b2) return a2 < b2;
  const a1 = load<u64>(a, 8), b1 = load<u64>(b, 8);
  if (a1 != b1) return a1 < b1;
  return load<u64>(a) < load<u64>(b);
}

export function isSignedLess(a: usize, b: usize): bool {
  const a3 = load<i64>(a, 24), b3 = load<i64>(b, 24);
  return a3 != b3 ? a3 < b3 : isLess(a, b);
}

/** Writes a word as 32 big-endian bytes. */

export function toBytes(to: usize, word: usize): void {
  const a = load<u64>(word), b = load<u64>(word, 8), c = load<u64>(word, 16), d = load<u64>(word, 24);
  store<u64>(to, bswap<u64>(d));
  store<u64>(to, bswap<u64>(c), 8);
  store<u64>(to, bswap<u64>(b), 16);
  store<u64>(to, bswap<u64>(a), 24);
}

/** Reads 32 big-endian bytes; may be done in place. */

export function fromBytes(word: usize, from: usize): void {
  toBytes(word, from);
}

/** Reads 1 to 31 big-endian bytes; up to 7 bytes behind them are looked at. */
export function fromShortBytes(word: usize, from: usize, count: usize): void {
  clear(word);
  let left = count;
  let limb = word;
  for (; left >= 8; left -= 8) {
    store<u64>(limb, bswap<u64>(load<u64>(from + left - 8)));
    limb += 8;
  }
  if (left != 0) store<u64>(limb, bswap<u64>(load<u64>(from)) >> (<u64> (8 - left) << 3));
}

/** Writes an address, the low 160 bits of a word, as 20 big-endian bytes. */
export function toAddressBytes(to: usize, word: usize): void {
  const low = load<u64>(word), middle = load<u64>(word, 8), high = load<u32>(word, 16);
  store<u32>(to, bswap<u32>(high));
  store<u64>(to, bswap<u64>(middle), 4);
  store<u64>(to, bswap<u64>(low), 12);
}

/** Reads 20 big-endian bytes. */
export function fromAddressBytes(word: usize, from: usize): void {
  const high = bswap<u32>(load<u32>(from)),
    middle = bswap<u64>(load<u64>(from, 4)),
    low = bswap<u64>(load<u64>(from, 12));
  store<u64>(word, low);
  store<u64>(word, middle, 8);
  store<u64>(word, <u64> high, 16);
  store<u64>(word, 0, 24);
}

export function swap(a: usize, b: usize): void {
  const a0 = load<u64>(a), a1 = load<u64>(a, 8), a2 = load<u64>(a, 16), a3 = load<u64>(a, 24);
  copy(a, b);
  store<u64>(b, a0);
  store<u64>(b, a1, 8);
  store<u64>(b, a2, 16);
  store<u64>(b, a3, 24);
}

export function and(a: usize, b: usize): void {
  store<u64>(b, load<u64>(b) & load<u64>(a));
  store<u64>(b, load<u64>(b, 8) & load<u64>(a, 8), 8);
  store<u64>(b, load<u64>(b, 16) & load<u64>(a, 16), 16);
  store<u64>(b, load<u64>(b, 24) & load<u64>(a, 24), 24);
}

export function or(a: usize, b: usize): void {
  store<u64>(b, load<u64>(b) | load<u64>(a));
  store<u64>(b, load<u64>(b, 8) | load<u64>(a, 8), 8);
  store<u64>(b, load<u64>(b, 16) | load<u64>(a, 16), 16);
  store<u64>(b, load<u64>(b, 24) | load<u64>(a, 24), 24);
}

export function exclusiveOr(a: usize, b: usize): void {
  store<u64>(b, load<u64>(b) ^ load<u64>(a));
  store<u64>(b, load<u64>(b, 8) ^ load<u64>(a, 8), 8);
  store<u64>(b, load<u64>(b, 16) ^ load<u64>(a, 16), 16);
  store<u64>(b, load<u64>(b, 24) ^ load<u64>(a, 24), 24);
}

export function not(p: usize): void {
  store<u64>(p, ~load<u64>(p));
  store<u64>(p, ~load<u64>(p, 8), 8);
  store<u64>(p, ~load<u64>(p, 16), 16);
  store<u64>(p, ~load<u64>(p, 24), 24);
}

export function add(a: usize, b: usize): void {
  const a0 = load<u64>(a), r0 = a0 + load<u64>(b);
  let carry: u64 = u64(r0 < a0);
  const a1 = load<u64>(a, 8), s1 = a1 + load<u64>(b, 8), r1 = s1 + carry;
  carry = u64(s1 < a1) | u64(r1 < s1);
  const a2 = load<u64>(a, 16), s2 = a2 + load<u64>(b, 16), r2 = s2 + carry;
  carry = u64(s2 < a2) | u64(r2 < s2);
  store<u64>(b, r0);
  store<u64>(b, r1, 8);
  store<u64>(b, r2, 16);
  store<u64>(b, load<u64>(a, 24) + load<u64>(b, 24) + carry, 24);
}

/** The same, and whether the sum did not fit. */
export function addCarries(a: usize, b: usize): bool {
  add(a, b);
  return isLess(b, a);
}

/** b = a - b. */

export function subtract(a: usize, b: usize): void {
  const a0 = load<u64>(a), b0 = load<u64>(b), r0 = a0 - b0;
  let borrow: u64 = u64(a0 < b0);
  const a1 = load<u64>(a, 8), b1 = load<u64>(b, 8), s1 = a1 - b1, r1 = s1 - borrow;
  borrow = u64(a1 < b1) | u64(s1 < borrow);
  const a2 = load<u64>(a, 16), b2 = load<u64>(b, 16), s2 = a2 - b2, r2 = s2 - borrow;
  borrow = u64(a2 < b2) | u64(s2 < borrow);
  store<u64>(b, r0);
  store<u64>(b, r1, 8);
  store<u64>(b, r2, 16);
  store<u64>(b, load<u64>(a, 24) - load<u64>(b, 24) - borrow, 24);
}

/** As a signed number. */
export function isNegative(p: usize): bool {
  return load<i64>(p, 24) < 0;
}

/** How many bytes a word takes without leading zeros. */
export function byteLength(p: usize): u64 {
  return (256 - leadingZeros(p) + 7) >> 3;
}

export function leadingZeros(p: usize): u64 {
  const d = load<u64>(p, 24);
  if (d != 0) return clz<u64>(d);
  const c = load<u64>(p, 16);
  if (c != 0) return 64 + clz<u64>(c);
  const b = load<u64>(p, 8);
  if (b != 0) return 128 + clz<u64>(b);
  return 192 + clz<u64>(load<u64>(p));
}

/** word = the word, whose sign is bit 7 of byte `size`, in 256 bits. */
export function signExtend(size: usize, word: usize): void {
  if (!isShort(size) || load<u64>(size) > 30) return;
  const bit = (load<u64>(size) << 3) + 7;
  const limb = <usize> (bit >> 6), inside = bit & 63;
  const isSet = (load<u64>(word + (limb << 3)) >> inside & 1) != 0;
  const mask: u64 = inside == 63 ? u64.MAX_VALUE : ((<u64> 1 << (inside + 1)) - 1);
  const value = load<u64>(word + (limb << 3));
  store<u64>(word + (limb << 3), isSet ? value | ~mask : value & mask);
  for (let i = limb + 1; i < 4; i++) store<u64>(word + (i << 3), isSet ? u64.MAX_VALUE : 0);
}

/** word = byte `index` of the word, counted from the most significant. */

export function byteAt(index: usize, word: usize): void {
  let value: u64 = 0;
  if (isShort(index) && load<u64>(index) < 32) value = <u64> load<u8>(word + (31 - <usize> load<u64>(index)));
  set(word, value);
}

export function shiftLeft(by: usize, word: usize): void {
  if (!isShort(by) || load<u64>(by) > 255) return clear(word);
  const count = load<u64>(by);
  const limbs = <i32> (count >> 6), bits = count & 63;
  for (let i = 3; i >= 0; i--) {
    const at = i - limbs;
    let value: u64 = 0;
    if (at >= 0) {
      value = load<u64>(word + (<usize> at << 3)) << bits;
      if (bits != 0 && at > 0) value |= load<u64>(word + (<usize> (at - 1) << 3)) >> (64 - bits);
    }
    store<u64>(word + (<usize> i << 3), value);
  }
}

export function shiftRight(by: usize, word: usize): void {
  if (!isShort(by) || load<u64>(by) > 255) return clear(word);
  shiftDown(word, load<u64>(by), 0);
}

export function shiftRightSigned(by: usize, word: usize): void {
  const fill: u64 = isNegative(word) ? u64.MAX_VALUE : 0;
  if (isShort(by) && load<u64>(by) <= 255) return shiftDown(word, load<u64>(by), fill);
  store<u64>(word, fill);
  store<u64>(word, fill, 8);
  store<u64>(word, fill, 16);
  store<u64>(word, fill, 24);
}

function shiftDown(word: usize, count: u64, fill: u64): void {
  const limbs = <i32> (count >> 6), bits = count & 63;
  for (let i = 0; i < 4; i++) {
    const at = i + limbs;
    const low = at < 4 ? load<u64>(word + (<usize> at << 3)) : fill;
    let value = low;
    if (bits != 0) {
      const next = at < 3 ? load<u64>(word + (<usize> (at + 1) << 3)) : fill;
      value = low >> bits | next << (64 - bits);
    }
    store<u64>(word + (<usize> i << 3), value);
  }
}
