// The fields that a header must have, given its parent: geth's consensus/misc and consensus/ethash.

import type { BlobSchedule, Rules } from "../../evm/forks.ts";
import type { ChainConfig } from "./chain_config.ts";
import { EMPTY_UNCLES_HASH, type Header } from "../../primitives/header.ts";
import { GAS_PER_BLOB } from "../../primitives/limits.ts";

export const INITIAL_BASE_FEE = 1_000_000_000n;
const BASE_FEE_CHANGE_DENOMINATOR = 8n;
const ELASTICITY = 2n;
/** Empty blocks lower the base fee no further than this, wei: an eighth of it is less than one wei. */
export const LOWEST_BASE_FEE = BASE_FEE_CHANGE_DENOMINATOR - 1n;
const GAS_LIMIT_BOUND_DIVISOR = 1024n;
const MIN_BLOB_BASE_FEE = 1n;
/** EIP-7918: the least cost of a blob, in execution gas. */
const BLOB_BASE_COST = 8192n;
const MIN_GAS_LIMIT = 5000n;
/** geth's params.MaxGasLimit. */
const MAX_GAS_LIMIT = 2n ** 63n - 1n;
const MAX_EXTRA_DATA_BYTES = 32;

/** Returns the base fee of a child (EIP-1559); null before London. */
export function nextBaseFee(parent: Header, rules: Rules): bigint | null {
  if (!rules.has("london")) return null;
  const parentFee = parent.baseFeePerGas;
  if (parentFee === undefined) return INITIAL_BASE_FEE;
  const target = parent.gasLimit / ELASTICITY;
  if (parent.gasUsed === target) return parentFee;
  if (parent.gasUsed > target) {
    const delta = parentFee * (parent.gasUsed - target) / target / BASE_FEE_CHANGE_DENOMINATOR;
    return parentFee + (delta > 1n ? delta : 1n);
  }
  const fee = parentFee - parentFee * (target - parent.gasUsed) / target / BASE_FEE_CHANGE_DENOMINATOR;
  return fee > 0n ? fee : 0n;
}

/** Returns the excess blob gas of a child (EIP-4844 and EIP-7918); null before Cancun. */
export function nextExcessBlobGas(parent: Header, rules: Rules): bigint | null {
  if (rules.blobs === null) return null;
  const parentExcess = parent.excessBlobGas ?? 0n;
  const parentUsed = parent.blobGasUsed ?? 0n;
  const target = BigInt(rules.blobs.target) * GAS_PER_BLOB;
  const sum = parentExcess + parentUsed;
  if (sum < target) return 0n;
  if (rules.has("osaka")) {
    const reserve = BLOB_BASE_COST * (parent.baseFeePerGas ?? 0n);
    if (reserve > blobBaseFee(parentExcess, rules.blobs) * GAS_PER_BLOB) {
      const max = BigInt(rules.blobs.max);
      return parentExcess + parentUsed * (max - BigInt(rules.blobs.target)) / max;
    }
  }
  return sum - target;
}

/** Returns the price of one blob gas (EIP-4844). */
export function blobBaseFee(excess: bigint, blobs: BlobSchedule): bigint {
  const denominator = BigInt(blobs.baseFeeUpdateFraction);
  let output = 0n;
  let term = MIN_BLOB_BASE_FEE * denominator;
  for (let i = 1n; term > 0n; i++) {
    output += term;
    term = term * excess / denominator / i;
  }
  return output / denominator;
}

/** Returns geth's core.CalcGasLimit, which moves towards the miner's aim by at most 1/1024. */
export function nextGasLimit(parentLimit: bigint, desired: bigint): bigint {
  const step = parentLimit / GAS_LIMIT_BOUND_DIVISOR - 1n;
  const wanted = desired < MIN_GAS_LIMIT ? MIN_GAS_LIMIT : desired;
  if (parentLimit < wanted) return parentLimit + step < wanted ? parentLimit + step : wanted;
  return parentLimit - step > wanted ? parentLimit - step : wanted;
}

const MIN_DIFFICULTY = 131_072n;
const DIFFICULTY_DIVISOR = 2048n;
const BOMB_PERIOD = 100_000n;
const BOMB_DELAYS = [
  ["grayGlacier", 11_400_000n],
  ["arrowGlacier", 10_700_000n],
  ["london", 9_700_000n],
  ["muirGlacier", 9_000_000n],
  ["constantinople", 5_000_000n],
  ["byzantium", 3_000_000n],
] as const;

/** Returns the proof-of-work difficulty of a child at `timestamp` (geth's ethash.CalcDifficulty). */
export function nextDifficulty(parent: Header, timestamp: bigint, rules: Rules, config: ChainConfig): bigint {
  const number = parent.number + 1n;
  const step = parent.difficulty / DIFFICULTY_DIVISOR;
  const elapsed = timestamp - parent.timestamp;
  let difficulty: bigint;
  if (!rules.has("homestead")) {
    difficulty = parent.difficulty + (elapsed < 13n ? step : -step);
  } else {
    const byzantium = rules.has("byzantium");
    const base = byzantium && parent.unclesHash !== EMPTY_UNCLES_HASH ? 2n : 1n;
    const factor = base - elapsed / (byzantium ? 9n : 10n);
    difficulty = parent.difficulty + step * (factor < -99n ? -99n : factor);
  }
  if (difficulty < MIN_DIFFICULTY) difficulty = MIN_DIFFICULTY;
  const delay = BOMB_DELAYS.find(([fork]) => {
    const block = config.blocks.get(fork);
    return block !== undefined && block <= number;
  })?.[1] ?? 0n;
  const delayed = number > delay ? number - delay : 0n;
  const period = delayed / BOMB_PERIOD;
  if (period > 1n) difficulty += 1n << (period - 2n);
  return difficulty < MIN_DIFFICULTY ? MIN_DIFFICULTY : difficulty;
}

/** Returns the fault of a header below its parent, in geth's words; null when there is none. */
export function headerFault(header: Header, parent: Header, rules: Rules, config: ChainConfig): string | null {
  const merged = header.difficulty === 0n;
  const extraBytes = header.extraData.length / 2 - 1;
  if (extraBytes > MAX_EXTRA_DATA_BYTES) return `extra-data too long: ${extraBytes} > ${MAX_EXTRA_DATA_BYTES}`;
  if (header.timestamp <= parent.timestamp) return "timestamp older than parent";
  if (merged) {
    if (header.nonce !== "0x0000000000000000") return "invalid nonce";
    if (header.unclesHash !== EMPTY_UNCLES_HASH) return "invalid uncle hash";
  } else {
    if (parent.difficulty === 0n) return "invalid difficulty: proof of work after the merge";
    const expected = nextDifficulty(parent, header.timestamp, rules, config);
    if (header.difficulty !== expected) return `invalid difficulty: have ${header.difficulty}, want ${expected}`;
  }
  return gasFault(header, parent, rules) ?? forkFieldFault(header, parent, rules);
}

function gasFault(header: Header, parent: Header, rules: Rules): string | null {
  if (header.gasLimit > MAX_GAS_LIMIT) return `invalid gasLimit: have ${header.gasLimit}, max ${MAX_GAS_LIMIT}`;
  if (header.gasUsed > header.gasLimit) {
    return `invalid gasUsed: have ${header.gasUsed}, gasLimit ${header.gasLimit}`;
  }
  const first = rules.has("london") && parent.baseFeePerGas === undefined;
  const parentLimit = first ? parent.gasLimit * ELASTICITY : parent.gasLimit;
  const difference = header.gasLimit > parentLimit ? header.gasLimit - parentLimit : parentLimit - header.gasLimit;
  const bound = parentLimit / GAS_LIMIT_BOUND_DIVISOR;
  if (difference >= bound) return `invalid gas limit: have ${header.gasLimit}, want ${parentLimit} +-= ${bound - 1n}`;
  if (header.gasLimit < MIN_GAS_LIMIT) return `invalid gas limit below ${MIN_GAS_LIMIT}`;
  const baseFee = nextBaseFee(parent, rules) ?? undefined;
  if (header.baseFeePerGas !== baseFee) {
    return `invalid baseFee: have ${header.baseFeePerGas ?? "<nil>"}, want ${baseFee ?? "<nil>"}, ` +
      `parentBaseFee ${parent.baseFeePerGas ?? "<nil>"}, parentGasUsed ${parent.gasUsed}`;
  }
  return null;
}

function forkFieldFault(header: Header, parent: Header, rules: Rules): string | null {
  if ((header.withdrawalsRoot !== undefined) !== rules.has("shanghai")) {
    return rules.has("shanghai") ? "missing withdrawalsHash" : "invalid withdrawalsHash: have one, expected nil";
  }
  const cancun = rules.has("cancun");
  if ((header.blobGasUsed !== undefined) !== cancun) {
    return cancun ? "header is missing blobGasUsed" : "invalid blobGasUsed";
  }
  if ((header.parentBeaconBlockRoot !== undefined) !== cancun) {
    return cancun ? "header is missing beaconRoot" : "invalid parentBeaconRoot: have one, expected nil";
  }
  const excess = nextExcessBlobGas(parent, rules) ?? undefined;
  if (header.excessBlobGas !== excess) {
    return `invalid excessBlobGas: have ${header.excessBlobGas ?? "<nil>"}, want ${excess ?? "<nil>"}`;
  }
  const used = header.blobGasUsed ?? 0n;
  const max = BigInt(rules.blobs?.max ?? 0) * GAS_PER_BLOB;
  if (used > max) return `blob gas used ${used} exceeds maximum allowance ${max}`;
  if (used % GAS_PER_BLOB !== 0n) return `blob gas used ${used} not a multiple of blob gas per blob ${GAS_PER_BLOB}`;
  if ((header.requestsHash !== undefined) !== rules.has("prague")) {
    return rules.has("prague") ? "header is missing requestsHash" : "invalid requestsHash: have one, expected nil";
  }
  return null;
}
