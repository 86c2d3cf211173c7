import type { Random } from "../../support/random.ts";
import type { Address } from "../../../src/eth/types.ts";

/** Values at which arithmetic, memory and gas rules have edges. */
const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 8n, 31n, 32n, 33n, 63n, 64n, 65n, 127n, 128n, 255n, 256n, 257n, 1023n, 1024n, 24_576n],
  ...[31n, 32n, 63n, 64n, 127n, 128n, 160n, 255n].flatMap((bits) => [(1n << bits) - 1n, 1n << bits, (1n << bits) + 1n]),
  (1n << 256n) - 1n,
  (1n << 256n) - 2n,
  (1n << 255n) + (1n << 128n),
];

export const SENDER: Address = "0x71562b71999873db5b286df957af199ec94617f7";
/** The contracts of a scenario. */
export const CONTRACTS: readonly Address[] = [1, 2, 3, 4].map((n) => `0x${"c0".repeat(19)}0${n}` as Address);
/** Has ether and no code. */
export const RICH: Address = `0x${"e1".repeat(20)}`;
/** Does not exist. */
export const NOBODY: Address = `0x${"e0".repeat(20)}`;
export const COINBASE: Address = `0x${"cb".repeat(20)}`;

const MAX_PRECOMPILE = 0x12;
const P256_VERIFY = 0x100;

/** Any word: an edge, a small number, an address or random bits. */
export function anyWord(random: Random): bigint {
  const kind = random.below(10);
  if (kind < 3) return random.pick(EDGES);
  if (kind < 6) return BigInt(random.below(40));
  if (kind < 7) return BigInt(anyAddress(random));
  return bits(random, 1 + random.below(256));
}

/** An address that something in the scenario may stand at. */
export function anyAddress(random: Random): Address {
  const kind = random.below(20);
  if (kind < 12) return random.pick(CONTRACTS);
  if (kind < 15) return precompile(random);
  return random.pick([
    SENDER,
    RICH,
    NOBODY,
    COINBASE,
    `0x${bits(random, 160).toString(16).padStart(40, "0")}` as Address,
  ]);
}

export function precompile(random: Random): Address {
  const number = random.chance(0.05) ? P256_VERIFY : 1 + random.below(MAX_PRECOMPILE);
  return `0x${number.toString(16).padStart(40, "0")}`;
}

/** Somewhere in the first words of memory, rarely far out or beyond what gas can pay. */
export function anyOffset(random: Random): bigint {
  const kind = random.below(40);
  if (kind < 34) return BigInt(random.below(96));
  if (kind < 38) return BigInt(random.below(5_000));
  return random.pick(EDGES);
}

/** A length in bytes: mostly short, often zero. */
export function anyLength(random: Random): bigint {
  const kind = random.below(40);
  if (kind < 6) return 0n;
  if (kind < 36) return BigInt(random.below(80));
  if (kind < 39) return BigInt(random.below(1_000));
  return random.pick(EDGES);
}

export function bits(random: Random, count: number): bigint {
  let value = 0n;
  for (let have = 0; have < count; have += 24) value = (value << 24n) | BigInt(random.below(1 << 24));
  return BigInt.asUintN(count, value);
}
