/** Keccak-256 (FIPS 202's permutation with Keccak's own padding). */
import { SCRATCH } from "./layout";

/** The state: 25 lanes of 64 bits. */
const STATE: usize = SCRATCH + 512;
const RATE: usize = 136;
const ROUND_BYTES: usize = 192;

const ROUND_CONSTANTS = memory.data<u64>([
  0x0000000000000001,
  0x0000000000008082,
  0x800000000000808a,
  0x8000000080008000,
  0x000000000000808b,
  0x0000000080000001,
  0x8000000080008081,
  0x8000000000008009,
  0x000000000000008a,
  0x0000000000000088,
  0x0000000080008009,
  0x000000008000000a,
  0x000000008000808b,
  0x800000000000008b,
  0x8000000000008089,
  0x8000000000008003,
  0x8000000000008002,
  0x8000000000000080,
  0x000000000000800a,
  0x800000008000000a,
  0x8000000080008081,
  0x8000000000008080,
  0x0000000080000001,
  0x8000000080008008,
]);

export function keccak256(from: usize, size: usize, to: usize): void {
  begin();
  absorb(from, size);
  finish(from + size - size % RATE, size % RATE, to);
}

export function begin(): void {
  memory.fill(STATE, 0, 200);
}

/** Takes in all whole blocks of a message. */
export function absorb(from: usize, size: usize): void {
  let at = from;
  for (let left = size; left >= RATE; left -= RATE) {
    for (let i: usize = 0; i < RATE; i += 8) store<u64>(STATE + i, load<u64>(STATE + i) ^ load<u64>(at + i));
    permute();
    at += RATE;
  }
}

/** Takes in what is left, less than a block, and writes the hash. */
export function finish(from: usize, size: usize, to: usize): void {
  let i: usize = 0;
  for (; i + 8 <= size; i += 8) store<u64>(STATE + i, load<u64>(STATE + i) ^ load<u64>(from + i));
  for (; i < size; i++) store<u8>(STATE + i, load<u8>(STATE + i) ^ load<u8>(from + i));
  store<u8>(STATE + size, load<u8>(STATE + size) ^ 0x01);
  store<u8>(STATE + RATE - 1, load<u8>(STATE + RATE - 1) ^ 0x80);
  permute();
  memory.copy(to, STATE, 32);
}

/**
 * Keccak-f[1600]: theta, rho and pi, chi, iota on lanes that are locals. Six lanes are kept complemented, which spares chi 19
 * of its 25 complements (Keccak implementation overview, section 2.2, lane complementing).
 */
function permute(): void {
  let a00 = load<u64>(STATE), a01 = ~load<u64>(STATE, 8), a02 = ~load<u64>(STATE, 16), a03 = load<u64>(STATE, 24);
  let a04 = load<u64>(STATE, 32), a05 = load<u64>(STATE, 40), a06 = load<u64>(STATE, 48), a07 = load<u64>(STATE, 56);
  let a08 = ~load<u64>(STATE, 64), a09 = load<u64>(STATE, 72), a10 = load<u64>(STATE, 80), a11 = load<u64>(STATE, 88);
  let a12 = ~load<u64>(STATE, 96),
    a13 = load<u64>(STATE, 104),
    a14 = load<u64>(STATE, 112),
    a15 = load<u64>(STATE, 120);
  let a16 = load<u64>(STATE, 128),
    a17 = ~load<u64>(STATE, 136),
    a18 = load<u64>(STATE, 144),
    a19 = load<u64>(STATE, 152);
  let a20 = ~load<u64>(STATE, 160),
    a21 = load<u64>(STATE, 168),
    a22 = load<u64>(STATE, 176),
    a23 = load<u64>(STATE, 184);
  let a24 = load<u64>(STATE, 192);
  for (let round: usize = 0; round < ROUND_BYTES; round += 8) {
    const c0 = a00 ^ a05 ^ a10 ^ a15 ^ a20, c1 = a01 ^ a06 ^ a11 ^ a16 ^ a21, c2 = a02 ^ a07 ^ a12 ^ a17 ^ a22;
    const c3 = a03 ^ a08 ^ a13 ^ a18 ^ a23, c4 = a04 ^ a09 ^ a14 ^ a19 ^ a24;
    const d0 = c4 ^ rotl<u64>(c1, 1), d1 = c0 ^ rotl<u64>(c2, 1), d2 = c1 ^ rotl<u64>(c3, 1);
    const d3 = c2 ^ rotl<u64>(c4, 1), d4 = c3 ^ rotl<u64>(c0, 1);
    const b00 = a00 ^ d0, b10 = rotl<u64>(a01 ^ d1, 1), b20 = rotl<u64>(a02 ^ d2, 62);
    const b05 = rotl<u64>(a03 ^ d3, 28), b15 = rotl<u64>(a04 ^ d4, 27), b16 = rotl<u64>(a05 ^ d0, 36);
    const b01 = rotl<u64>(a06 ^ d1, 44), b11 = rotl<u64>(a07 ^ d2, 6), b21 = rotl<u64>(a08 ^ d3, 55);
    const b06 = rotl<u64>(a09 ^ d4, 20), b07 = rotl<u64>(a10 ^ d0, 3), b17 = rotl<u64>(a11 ^ d1, 10);
    const b02 = rotl<u64>(a12 ^ d2, 43), b12 = rotl<u64>(a13 ^ d3, 25), b22 = rotl<u64>(a14 ^ d4, 39);
    const b23 = rotl<u64>(a15 ^ d0, 41), b08 = rotl<u64>(a16 ^ d1, 45), b18 = rotl<u64>(a17 ^ d2, 15);
    const b03 = rotl<u64>(a18 ^ d3, 21), b13 = rotl<u64>(a19 ^ d4, 8), b14 = rotl<u64>(a20 ^ d0, 18);
    const b24 = rotl<u64>(a21 ^ d1, 2), b09 = rotl<u64>(a22 ^ d2, 61), b19 = rotl<u64>(a23 ^ d3, 56);
    const b04 = rotl<u64>(a24 ^ d4, 14);
    a00 = b00 ^ (b01 | b02) ^ load<u64>(ROUND_CONSTANTS + round);
    a01 = b01 ^ (~b02 | b03);
    a02 = b02 ^ (b03 & b04);
    a03 = b03 ^ (b04 | b00);
    a04 = b04 ^ (b00 & b01);
    a05 = b05 ^ (b06 | b07);
    a06 = b06 ^ (b07 & b08);
    a07 = b07 ^ (b08 | ~b09);
    a08 = b08 ^ (b09 | b05);
    a09 = b09 ^ (b05 & b06);
    const n13 = ~b13;
    a10 = b10 ^ (b11 | b12);
    a11 = b11 ^ (b12 & b13);
    a12 = b12 ^ (n13 & b14);
    a13 = n13 ^ (b14 | b10);
    a14 = b14 ^ (b10 & b11);
    const n18 = ~b18;
    a15 = b15 ^ (b16 & b17);
    a16 = b16 ^ (b17 | b18);
    a17 = b17 ^ (n18 | b19);
    a18 = n18 ^ (b19 & b15);
    a19 = b19 ^ (b15 | b16);
    const n21 = ~b21;
    a20 = b20 ^ (n21 & b22);
    a21 = n21 ^ (b22 | b23);
    a22 = b22 ^ (b23 & b24);
    a23 = b23 ^ (b24 | b20);
    a24 = b24 ^ (b20 & b21);
  }
  store<u64>(STATE, a00);
  store<u64>(STATE, ~a01, 8);
  store<u64>(STATE, ~a02, 16);
  store<u64>(STATE, a03, 24);
  store<u64>(STATE, a04, 32);
  store<u64>(STATE, a05, 40);
  store<u64>(STATE, a06, 48);
  store<u64>(STATE, a07, 56);
  store<u64>(STATE, ~a08, 64);
  store<u64>(STATE, a09, 72);
  store<u64>(STATE, a10, 80);
  store<u64>(STATE, a11, 88);
  store<u64>(STATE, ~a12, 96);
  store<u64>(STATE, a13, 104);
  store<u64>(STATE, a14, 112);
  store<u64>(STATE, a15, 120);
  store<u64>(STATE, a16, 128);
  store<u64>(STATE, ~a17, 136);
  store<u64>(STATE, a18, 144);
  store<u64>(STATE, a19, 152);
  store<u64>(STATE, ~a20, 160);
  store<u64>(STATE, a21, 168);
  store<u64>(STATE, a22, 176);
  store<u64>(STATE, a23, 184);
  store<u64>(STATE, a24, 192);
}
