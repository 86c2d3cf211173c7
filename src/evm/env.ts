import type { Missing } from "../state/base.ts";
import type { World } from "../state/world.ts";
import type { Address, Hash } from "../eth/types.ts";
import type { Rules } from "./forks.ts";

/** Which rules hold in which block; the same object for the same fork each time, because EVMs are pooled by it. */
export interface RuleSchedule {
  at(number: bigint, timestamp: bigint): Rules;
}

/** The values of the block in which the EVM runs. */
export interface BlockEnv {
  readonly rules: RuleSchedule;
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly coinbase: Address;
  readonly gasLimit: bigint;
  /** 0 after the merge. */
  readonly difficulty: bigint;
  /** EIP-4399; the mix hash before the merge. */
  readonly prevRandao: Hash;
  readonly parentHash: Hash;
  /** EIP-1559, wei; undefined before London. */
  readonly baseFee: bigint | undefined;
  /** EIP-4844, wei per blob gas, computed from the excess; undefined before Cancun. */
  readonly blobBaseFee: bigint | undefined;
  /** EIP-4788; undefined before Cancun. */
  readonly parentBeaconRoot: Hash | undefined;
  /** The hash of an ancestor by number; undefined when out of reach of BLOCKHASH, MISSING when the base has yet to load it. */
  blockHash(number: bigint): Hash | undefined | Missing;
}

/** The context of a call: the state after a block, and the values of that block. */
export interface BlockContext {
  readonly world: World;
  readonly env: BlockEnv;
}
