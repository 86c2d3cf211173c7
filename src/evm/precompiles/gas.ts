import { modExpHead, modExpLengths } from "../../crypto/arithmetic/modexp.ts";
import { MAX_UINT64 } from "../../primitives/uint.ts";

const WORD_BYTES = 32;

/** A price for the call and one for each word of the input. */
export function wordGas(base: number, perWord: number): (input: Uint8Array) => number {
  return ({ length }) => base + perWord * Math.ceil(length / WORD_BYTES);
}

/** A price for the call and one for each part of the input that is whole. */
export function partGas(base: number, perPart: number, partBytes: number): (input: Uint8Array) => number {
  return ({ length }) => base + perPart * Math.floor(length / partBytes);
}

/** The number of rounds (EIP-152); a wrong length fails for free. */
export function blake2fGas(input: Uint8Array): number {
  if (input.length !== 213) return 0;
  return new DataView(input.buffer, input.byteOffset, input.length).getUint32(0);
}

/** EIP-2537: each pair costs less the more there are; `discounts` are in thousandths, the last one for all beyond. */
export function msmGas(price: number, pairBytes: number, discounts: readonly number[]): (input: Uint8Array) => number {
  return ({ length }) => {
    const pairs = Math.floor(length / pairBytes);
    const discount = discounts[Math.min(pairs, discounts.length) - 1] ?? 0;
    return Math.floor(pairs * price * discount / 1000);
  };
}

/** What the price of MODEXP is made of, by fork. */
interface ModExpRules {
  /** The cost of one multiplication of operands of this many bytes. */
  readonly complexity: (bytes: bigint) => bigint;
  /** What each byte of the exponent behind the first 32 counts. */
  readonly multiplier: bigint;
  readonly divisor: bigint;
  readonly minimum: bigint;
}

/** EIP-198. */
export const BYZANTIUM_MODEXP: ModExpRules = {
  complexity: (bytes) => {
    if (bytes <= 64n) return bytes * bytes;
    if (bytes <= 1024n) return bytes * bytes / 4n + 96n * bytes - 3072n;
    return bytes * bytes / 16n + 480n * bytes - 199_680n;
  },
  ...{ multiplier: 8n, divisor: 20n, minimum: 0n },
};

/** EIP-2565. */
export const BERLIN_MODEXP: ModExpRules = {
  complexity: squaredWords,
  ...{ multiplier: 8n, divisor: 3n, minimum: 200n },
};

/** EIP-7883. */
export const OSAKA_MODEXP: ModExpRules = {
  complexity: (bytes) => bytes <= 32n ? 16n : 2n * squaredWords(bytes),
  ...{ multiplier: 16n, divisor: 1n, minimum: 500n },
};

function squaredWords(bytes: bigint): bigint {
  const words = (bytes + 7n) / 8n;
  return words * words;
}

export function modExpGas(rules: ModExpRules): (input: Uint8Array) => number {
  return (input) => {
    const lengths = modExpLengths(input);
    const { base, exponent, modulus } = lengths;
    const longest = base > modulus ? base : modulus;
    const head = modExpHead(input, lengths);
    const headBits = head === 0n ? 0n : BigInt(head.toString(2).length - 1);
    const tail = exponent > 32n ? (exponent - 32n) * rules.multiplier : 0n;
    const iterations = headBits + tail > 1n ? headBits + tail : 1n;
    const complexity = rules.complexity(longest);
    const product = complexity * iterations;
    if (complexity > MAX_UINT64 || product > MAX_UINT64) return Infinity;
    const gas = product / rules.divisor;
    return Number(gas > rules.minimum ? gas : rules.minimum);
  };
}
