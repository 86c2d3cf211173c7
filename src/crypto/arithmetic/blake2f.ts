/** Which word of the message each mixing step takes, a row a round (RFC 7693, 2.7). */
const SIGMA = Uint8Array.of(
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  ...[14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  ...[11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  ...[7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  ...[9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  ...[2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  ...[12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  ...[13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  ...[6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  ...[10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
);
/** The initial values of SHA-512, low and high half of each. */
const IV = Int32Array.of(
  ...[0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a],
  ...[0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19],
);
const ROUNDS_OF_SIGMA = 10;
const STATE_AT = 4;
const MESSAGE_AT = 68;
const OFFSET_AT = 196;
const FINAL_AT = 212;
const INPUT_BYTES = 213;
const STATE_BYTES = 64;

/** The working vector and the message: 64-bit words as pairs of 32-bit halves, the low one first. */
const v = new Int32Array(32);
const m = new Int32Array(32);

/** BLAKE2b's compression function F with a number of rounds, EIP-152's input; answers geth's text for a wrong one. */
export function blake2F(input: Uint8Array): Uint8Array | string {
  if (input.length !== INPUT_BYTES) return "invalid input length";
  const flag = input[FINAL_AT];
  if (flag !== 0 && flag !== 1) return "invalid final flag";
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const state = new Int32Array(16);
  for (let half = 0; half < 16; half++) state[half] = view.getInt32(STATE_AT + half * 4, true);
  for (let half = 0; half < 32; half++) m[half] = view.getInt32(MESSAGE_AT + half * 4, true);
  v.set(state);
  v.set(IV, 16);
  for (let half = 0; half < 4; half++) v[24 + half] = (v[24 + half] ?? 0) ^ view.getInt32(OFFSET_AT + half * 4, true);
  if (flag === 1) {
    v[28] = ~(v[28] ?? 0);
    v[29] = ~(v[29] ?? 0);
  }
  mixRounds(view.getUint32(0));
  const output = new Uint8Array(STATE_BYTES);
  const out = new DataView(output.buffer);
  for (let half = 0; half < 16; half++) {
    out.setInt32(half * 4, (state[half] ?? 0) ^ (v[half] ?? 0) ^ (v[half + 16] ?? 0), true);
  }
  return output;
}

function mixRounds(rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    const row = (round % ROUNDS_OF_SIGMA) * 16;
    mix(0, 8, 16, 24, row);
    mix(2, 10, 18, 26, row + 2);
    mix(4, 12, 20, 28, row + 4);
    mix(6, 14, 22, 30, row + 6);
    mix(0, 10, 20, 30, row + 8);
    mix(2, 12, 22, 24, row + 10);
    mix(4, 14, 16, 26, row + 12);
    mix(6, 8, 18, 28, row + 14);
  }
}

const WORD = 0x1_0000_0000;

/**
 * The function G of RFC 7693, 3.1, on four words of the vector, given by the place of their low halves. In 32-bit halves,
 * because a round costs 0.2 us so and 3 us with bigints (measured).
 */
function mix(a: number, b: number, c: number, d: number, sigma: number): void {
  const x = (SIGMA[sigma] as number) * 2;
  const y = (SIGMA[sigma + 1] as number) * 2;
  let aLow = v[a] as number;
  let aHigh = v[a + 1] as number;
  let bLow = v[b] as number;
  let bHigh = v[b + 1] as number;
  let cLow = v[c] as number;
  let cHigh = v[c + 1] as number;
  let dLow = v[d] as number;
  let dHigh = v[d + 1] as number;
  let sum = (aLow >>> 0) + (bLow >>> 0) + ((m[x] as number) >>> 0);
  aHigh = (aHigh + bHigh + (m[x + 1] as number) + ((sum / WORD) | 0)) | 0;
  aLow = sum | 0;
  // d = (d ^ a) >>> 32: the halves change places.
  let moved = dLow ^ aLow;
  dLow = dHigh ^ aHigh;
  dHigh = moved;
  sum = (cLow >>> 0) + (dLow >>> 0);
  cHigh = (cHigh + dHigh + ((sum / WORD) | 0)) | 0;
  cLow = sum | 0;
  // b = (b ^ c) >>> 24
  bLow ^= cLow;
  bHigh ^= cHigh;
  moved = (bLow >>> 24) | (bHigh << 8);
  bHigh = (bHigh >>> 24) | (bLow << 8);
  bLow = moved;
  sum = (aLow >>> 0) + (bLow >>> 0) + ((m[y] as number) >>> 0);
  aHigh = (aHigh + bHigh + (m[y + 1] as number) + ((sum / WORD) | 0)) | 0;
  aLow = sum | 0;
  // d = (d ^ a) >>> 16
  dLow ^= aLow;
  dHigh ^= aHigh;
  moved = (dLow >>> 16) | (dHigh << 16);
  dHigh = (dHigh >>> 16) | (dLow << 16);
  dLow = moved;
  sum = (cLow >>> 0) + (dLow >>> 0);
  cHigh = (cHigh + dHigh + ((sum / WORD) | 0)) | 0;
  cLow = sum | 0;
  // b = (b ^ c) >>> 63
  bLow ^= cLow;
  bHigh ^= cHigh;
  moved = (bLow << 1) | (bHigh >>> 31);
  bHigh = (bHigh << 1) | (bLow >>> 31);
  bLow = moved;
  v[a] = aLow;
  v[a + 1] = aHigh;
  v[b] = bLow;
  v[b + 1] = bHigh;
  v[c] = cLow;
  v[c + 1] = cHigh;
  v[d] = dLow;
  v[d + 1] = dHigh;
}
