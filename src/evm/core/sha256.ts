/** SHA-256 (FIPS 180-4). */
import { SCRATCH } from "./layout";

/** The message schedule, 64 words. */
const SCHEDULE: usize = SCRATCH + 768;
const HASH: usize = SCRATCH + 1024;
/** The last one or two blocks, with their padding. */
const TAIL: usize = SCRATCH + 1088;
const BLOCK: usize = 64;

const ROUND_CONSTANTS = memory.data<u32>([
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2,
]);

export function sha256(from: usize, size: usize, to: usize): void {
  store<u32>(HASH, 0x6a09e667);
  store<u32>(HASH, 0xbb67ae85, 4);
  store<u32>(HASH, 0x3c6ef372, 8);
  store<u32>(HASH, 0xa54ff53a, 12);
  store<u32>(HASH, 0x510e527f, 16);
  store<u32>(HASH, 0x9b05688c, 20);
  store<u32>(HASH, 0x1f83d9ab, 24);
  store<u32>(HASH, 0x5be0cd19, 28);
  let at = from;
  let left = size;
  for (; left >= BLOCK; left -= BLOCK) {
    compress(at);
    at += BLOCK;
  }
  memory.fill(TAIL, 0, 2 * BLOCK);
  memory.copy(TAIL, at, left);
  store<u8>(TAIL + left, 0x80);
  const tail = left < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  store<u64>(TAIL + tail - 8, bswap<u64>(<u64> size << 3));
  compress(TAIL);
  if (tail > BLOCK) compress(TAIL + BLOCK);
  for (let i: usize = 0; i < 32; i += 4) store<u32>(to + i, bswap<u32>(load<u32>(HASH + i)));
}

function compress(block: usize): void {
  for (let i: usize = 0; i < BLOCK; i += 4) store<u32>(SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  for (let i: usize = BLOCK; i < 256; i += 4) {
    const at = SCHEDULE + i, w15 = load<u32>(at - 60), w2 = load<u32>(at - 8);
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ w15 >> 3;
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ w2 >> 10;
    store<u32>(at, load<u32>(at - 64) + s0 + load<u32>(at - 28) + s1);
  }
  let a = load<u32>(HASH), b = load<u32>(HASH, 4), c = load<u32>(HASH, 8), d = load<u32>(HASH, 12);
  let e = load<u32>(HASH, 16), f = load<u32>(HASH, 20), g = load<u32>(HASH, 24), h = load<u32>(HASH, 28);
  for (let i: usize = 0; i < 256; i += 4) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = h + s1 + (e & f ^ ~e & g) + load<u32>(ROUND_CONSTANTS + i) + load<u32>(SCHEDULE + i);
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = s0 + (a & b ^ a & c ^ b & c);
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(HASH, load<u32>(HASH) + a);
  store<u32>(HASH, load<u32>(HASH, 4) + b, 4);
  store<u32>(HASH, load<u32>(HASH, 8) + c, 8);
  store<u32>(HASH, load<u32>(HASH, 12) + d, 12);
  store<u32>(HASH, load<u32>(HASH, 16) + e, 16);
  store<u32>(HASH, load<u32>(HASH, 20) + f, 20);
  store<u32>(HASH, load<u32>(HASH, 24) + g, 24);
  store<u32>(HASH, load<u32>(HASH, 28) + h, 28);
}
