import type { Address, Hash } from "../../eth/types.ts";

/** The settings of the blocks to come. They are replaced as a whole, so that a snapshot of them is a pointer. */
export interface Settings {
  /** The id that new transactions must carry. */
  readonly chainId: bigint;
  readonly coinbase: Address;
  /** The block gas limit that is aimed at. */
  readonly gasLimit: bigint;
  /** True when `gasLimit` holds for the next block at once, not in steps of 1/1024 (evm_setBlockGasLimit). */
  readonly exactGasLimit: boolean;
  /** The least tip that the pool admits, wei. */
  readonly minTip: bigint;
  /** The answer of eth_maxPriorityFeePerGas while there is nothing to sample, wei. */
  readonly defaultTip: bigint;
  /** For the next block only. */
  readonly nextBaseFee: bigint | null;
  readonly nextPrevRandao: Hash | null;
  readonly nextTimestamp: bigint | null;
  /** Seconds that the chain's clock is ahead of the real one. */
  readonly timeOffset: bigint;
  /** Seconds between blocks, whatever the clock says. */
  readonly timestampInterval: bigint | null;
  readonly impersonated: ReadonlySet<Address>;
  readonly impersonateAll: boolean;
  /** What starts a block, as set at run time; null as the flags say. */
  readonly sealing: Sealing | null;
  /** How many reorganisations were made: it tells their blocks from each other. */
  readonly reorgs: number;
}

/** What starts a block. */
export interface Sealing {
  /** Each transaction does. */
  readonly automine: boolean;
  /** A timer does, every so many seconds; 0 without one. */
  readonly intervalSeconds: number;
}

/** The timestamp of the block after one of `parent` seconds, `now` being real time (as anvil's TimeManager). */
export function timestampAfter(parent: bigint, settings: Settings, now: bigint): bigint {
  const { nextTimestamp, timestampInterval, timeOffset } = settings;
  if (nextTimestamp !== null) return nextTimestamp > parent ? nextTimestamp : parent + 1n;
  const wanted = timestampInterval === null ? now + timeOffset : parent + timestampInterval;
  return wanted > parent ? wanted : parent + 1n;
}

/**
 * The settings that a sealed block changes: those that were meant for one block are used up, but not those that were set
 * while it was made. `planned` are the settings that the block was planned with.
 */
export function afterBlock(
  settings: Settings,
  block: { readonly planned: Settings; readonly timestamp: bigint; readonly now: bigint },
): Partial<Settings> {
  const { planned } = block;
  return {
    // A timestamp that was set moves the clock: time flows on from there.
    timeOffset: planned.nextTimestamp === null ? settings.timeOffset : block.timestamp - block.now,
    nextBaseFee: unlessUsed(settings.nextBaseFee, planned.nextBaseFee),
    nextPrevRandao: unlessUsed(settings.nextPrevRandao, planned.nextPrevRandao),
    nextTimestamp: unlessUsed(settings.nextTimestamp, planned.nextTimestamp),
  };
}

function unlessUsed<T>(now: T | null, planned: T | null): T | null {
  return now === planned ? null : now;
}
