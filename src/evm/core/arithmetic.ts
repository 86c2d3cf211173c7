/** Multiplication, division and powers of 256-bit words; see words.ts for how they lie in memory. */
import { SCRATCH } from "./layout";
import { addCarries, copy, isNegative, isShort, isZero, set } from "./words";

const LOW: u64 = 0xffffffff;

// Scratch: the digits of division, and the work space of EXP and MULMOD.
const DIVIDEND: usize = SCRATCH;
const DIVISOR: usize = SCRATCH + 96;
const QUOTIENT: usize = SCRATCH + 160;
const PRODUCT: usize = SCRATCH + 256;
const FACTOR: usize = SCRATCH + 320;
const POWER: usize = SCRATCH + 352;
const LEFT: usize = SCRATCH + 384;
const RIGHT: usize = SCRATCH + 416;

function negate(p: usize): void {
  let carry: u64 = 1;
  for (let at: usize = 0; at < 32; at += 8) {
    const limb = ~load<u64>(p + at) + carry;
    carry = u64(carry != 0 && limb == 0);
    store<u64>(p + at, limb);
  }
}

/** The upper half of a product of 64-bit numbers. */

function high(a: u64, b: u64): u64 {
  const a0 = a & LOW, a1 = a >> 32, b0 = b & LOW, b1 = b >> 32;
  const p01 = a0 * b1, p10 = a1 * b0;
  const middle = (a0 * b0 >> 32) + (p01 & LOW) + (p10 & LOW);
  return a1 * b1 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
}

/** b = a * b, of which the low 256 bits stay. */
export function multiply(a: usize, b: usize): void {
  const a0 = load<u64>(a), a1 = load<u64>(a, 8), a2 = load<u64>(a, 16), a3 = load<u64>(a, 24);
  const b0 = load<u64>(b), b1 = load<u64>(b, 8), b2 = load<u64>(b, 16), b3 = load<u64>(b, 24);
  const r0 = a0 * b0;
  if ((a1 | a2 | a3 | b1 | b2 | b3) == 0) {
    store<u64>(b, r0);
    store<u64>(b, (a0 | b0) >> 32 == 0 ? 0 : high(a0, b0), 8);
    return;
  }
  let carry = high(a0, b0);
  let r1 = a0 * b1 + carry;
  carry = high(a0, b1) + u64(r1 < carry);
  let r2 = a0 * b2 + carry;
  carry = high(a0, b2) + u64(r2 < carry);
  let r3 = a0 * b3 + carry;
  if (a1 != 0) {
    let low = a1 * b0;
    r1 += low;
    carry = high(a1, b0) + u64(r1 < low);
    low = a1 * b1;
    r2 += low;
    let next = high(a1, b1) + u64(r2 < low);
    r2 += carry;
    next += u64(r2 < carry);
    r3 += a1 * b2 + next;
  }
  if (a2 != 0) {
    const low = a2 * b0;
    r2 += low;
    r3 += a2 * b1 + high(a2, b0) + u64(r2 < low);
  }
  r3 += a3 * b0;
  store<u64>(b, r0);
  store<u64>(b, r1, 8);
  store<u64>(b, r2, 16);
  store<u64>(b, r3, 24);
}

/** PRODUCT = a * b, all 512 bits. */
function multiplyWide(a: usize, b: usize): void {
  memory.fill(PRODUCT, 0, 64);
  for (let i: usize = 0; i < 32; i += 8) {
    const x = load<u64>(a + i);
    if (x == 0) continue;
    let carry: u64 = 0;
    for (let j: usize = 0; j < 32; j += 8) {
      const y = load<u64>(b + j), low = x * y, at = PRODUCT + i + j;
      const known = load<u64>(at), sum = low + known;
      const total = sum + carry;
      carry = high(x, y) + u64(sum < low) + u64(total < sum);
      store<u64>(at, total);
    }
    store<u64>(PRODUCT + i + 32, carry);
  }
}

function digits(p: usize, most: i32): i32 {
  let count = most;
  while (count > 0 && load<u32>(p + ((<usize> count - 1) << 2)) == 0) count--;
  return count;
}

/**
 * Divides a number of `size` 32-bit digits (at most 17) by a word (Knuth, The Art of Computer Programming 4.3.1, algorithm D).
 * The quotient goes to QUOTIENT (64 bytes are cleared first), the rest to `rest`.
 */
function divide(number: usize, size: i32, by: usize, rest: usize): void {
  memory.fill(QUOTIENT, 0, 72);
  const n = digits(by, 8), m = digits(number, size);
  if (m < n) {
    memory.copy(rest, number, <usize> min(m, 8) << 2);
    memory.fill(rest + (<usize> m << 2), 0, 32 - (<usize> m << 2));
    return;
  }
  if (n == 1) {
    const divisor = <u64> load<u32>(by);
    let left: u64 = 0;
    for (let i = m - 1; i >= 0; i--) {
      const part = left << 32 | <u64> load<u32>(number + (<usize> i << 2));
      store<u32>(QUOTIENT + (<usize> i << 2), <u32> (part / divisor));
      left = part % divisor;
    }
    set(rest, left);
    return;
  }
  const shift = <u64> clz<u32>(load<u32>(by + (<usize> (n - 1) << 2)));
  const back = 32 - shift;
  for (let i = n - 1; i > 0; i--) {
    const pair = <u64> load<u32>(by + (<usize> i << 2)) << shift | <u64> load<u32>(by + (<usize> (i - 1) << 2)) >> back;
    store<u32>(DIVISOR + (<usize> i << 2), <u32> pair);
  }
  store<u32>(DIVISOR, <u32> (<u64> load<u32>(by) << shift));
  store<u32>(DIVIDEND + (<usize> m << 2), <u32> (<u64> load<u32>(number + (<usize> (m - 1) << 2)) >> back));
  for (let i = m - 1; i > 0; i--) {
    const pair = <u64> load<u32>(number + (<usize> i << 2)) << shift |
      <u64> load<u32>(number + (<usize> (i - 1) << 2)) >> back;
    store<u32>(DIVIDEND + (<usize> i << 2), <u32> pair);
  }
  store<u32>(DIVIDEND, <u32> (<u64> load<u32>(number) << shift));
  const first = <u64> load<u32>(DIVISOR + (<usize> (n - 1) << 2)),
    second = <u64> load<u32>(DIVISOR + (<usize> (n - 2) << 2));
  for (let j = m - n; j >= 0; j--) {
    const at = DIVIDEND + (<usize> j << 2), end = at + (<usize> n << 2);
    const top = <u64> load<u32>(end) << 32 | <u64> load<u32>(end - 4);
    let digit = top / first, left = top - digit * first;
    while (digit > LOW || digit * second > (left << 32 | <u64> load<u32>(end - 8))) {
      digit--;
      left += first;
      if (left > LOW) break;
    }
    let carry: u64 = 0, borrow: i64 = 0;
    for (let i: usize = 0; i < <usize> n << 2; i += 4) {
      const product = digit * <u64> load<u32>(DIVISOR + i) + carry;
      carry = product >> 32;
      const difference = <i64> load<u32>(at + i) - borrow - <i64> (product & LOW);
      store<u32>(at + i, <u32> difference);
      borrow = difference < 0 ? 1 : 0;
    }
    const difference = <i64> load<u32>(end) - borrow - <i64> carry;
    store<u32>(end, <u32> difference);
    if (difference < 0) {
      digit--;
      let again: u64 = 0;
      for (let i: usize = 0; i < <usize> n << 2; i += 4) {
        again += <u64> load<u32>(at + i) + <u64> load<u32>(DIVISOR + i);
        store<u32>(at + i, <u32> again);
        again >>= 32;
      }
      store<u32>(end, load<u32>(end) + <u32> again);
    }
    store<u32>(QUOTIENT + (<usize> j << 2), <u32> digit);
  }
  for (let i = 0; i < n; i++) {
    const pair = <u64> load<u32>(DIVIDEND + (<usize> i << 2)) |
      <u64> load<u32>(DIVIDEND + (<usize> (i + 1) << 2)) << 32;
    store<u32>(rest + (<usize> i << 2), <u32> (pair >> shift));
  }
  memory.fill(rest + (<usize> n << 2), 0, 32 - (<usize> n << 2));
}

/** b = a / b; 0 when b is. */
export function quotient(a: usize, b: usize): void {
  if (isShort(a) && isShort(b)) {
    const by = load<u64>(b);
    store<u64>(b, by == 0 ? 0 : load<u64>(a) / by);
    return;
  }
  if (isZero(b)) return;
  divide(a, 8, b, LEFT);
  copy(b, QUOTIENT);
}

/** b = a mod b; 0 when b is. */
export function remainder(a: usize, b: usize): void {
  if (isShort(a) && isShort(b)) {
    const by = load<u64>(b);
    store<u64>(b, by == 0 ? 0 : load<u64>(a) % by);
    return;
  }
  if (isZero(b)) return;
  divide(a, 8, b, LEFT);
  copy(b, LEFT);
}

export function signedQuotient(a: usize, b: usize): void {
  const isResultNegative = isNegative(a) != isNegative(b);
  copy(RIGHT, a);
  if (isNegative(RIGHT)) negate(RIGHT);
  if (isNegative(b)) negate(b);
  quotient(RIGHT, b);
  if (isResultNegative) negate(b);
}

/** The sign is the dividend's. */
export function signedRemainder(a: usize, b: usize): void {
  const isResultNegative = isNegative(a);
  copy(RIGHT, a);
  if (isResultNegative) negate(RIGHT);
  if (isNegative(b)) negate(b);
  remainder(RIGHT, b);
  if (isResultNegative) negate(b);
}

/** by = (a + b) mod by. */
export function addModulo(a: usize, b: usize, by: usize): void {
  if (isZero(by)) return;
  copy(PRODUCT, b);
  const carry = addCarries(a, PRODUCT);
  set(PRODUCT + 32, u64(carry));
  divide(PRODUCT, carry ? 9 : 8, by, LEFT);
  copy(by, LEFT);
}

/** by = a * b mod by. */
export function multiplyModulo(a: usize, b: usize, by: usize): void {
  if (isZero(by)) return;
  multiplyWide(a, b);
  divide(PRODUCT, 16, by, LEFT);
  copy(by, LEFT);
}

/** exponent = base ** exponent. */
export function power(base: usize, exponent: usize): void {
  copy(FACTOR, base);
  set(POWER, 1);
  let limb: usize = 4;
  while (limb > 0 && load<u64>(exponent + ((limb - 1) << 3)) == 0) limb--;
  for (let i: usize = 0; i < limb; i++) {
    let bits = load<u64>(exponent + (i << 3));
    const isLast = i + 1 == limb;
    for (let bit = 0; bit < 64; bit++) {
      if ((bits & 1) != 0) multiply(FACTOR, POWER);
      bits >>= 1;
      if (isLast && bits == 0) break;
      copy(LEFT, FACTOR);
      multiply(LEFT, FACTOR);
    }
  }
  copy(exponent, POWER);
}
