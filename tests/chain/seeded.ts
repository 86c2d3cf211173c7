/** A small generator (mulberry32): the same run each time. */
export function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

export function randomBytes(length: number, next: () => number): Uint8Array {
  return Uint8Array.from({ length }, () => next() & 0xff);
}
