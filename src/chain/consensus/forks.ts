import "../../state/no_env.ts";
import { Common } from "@ethereumjs/common";
import type { ChainConfig as LibraryConfig, CustomCrypto, HardforkConfig, HardforksDict } from "@ethereumjs/common";
import { paramsEVM } from "@ethereumjs/evm";
import type { RuleSchedule } from "../../evm/env.ts";
import { type BlobSchedule, type Fork, forkHasEip, forkRank, FORKS, isSince, type Rules } from "../../evm/forks.ts";
import type { ChainConfig } from "./chain_config.ts";
import { BYTES_PER_BLOB } from "../../primitives/limits.ts";

/** The EIPs that each fork brings, by the numbers under which the library keeps parameters and behaviour. */
const EIPS: { readonly [fork in Fork]?: readonly number[] } = {
  chainstart: [1],
  homestead: [606],
  tangerineWhistle: [608],
  spuriousDragon: [607],
  byzantium: [609],
  constantinople: [1013],
  petersburg: [1716],
  istanbul: [1679],
  muirGlacier: [2384],
  berlin: [2565, 2929, 2718, 2930],
  london: [1559, 3198, 3529, 3541],
  arrowGlacier: [4345],
  grayGlacier: [5133],
  paris: [3675, 4399],
  shanghai: [3651, 3855, 3860, 4895],
  cancun: [1153, 4844, 4788, 5656, 6780, 7516],
  prague: [2537, 2935, 6110, 7002, 7251, 7623, 7685, 7691, 7702],
  osaka: [7594, 7823, 7825, 7883, 7892, 7939, 7951, 7918],
};

/** A block's position, and the rules there. */
interface Asked {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly merged: boolean;
  readonly rules: Rules;
}

/** The library's parameters of a fork, which finds the order of forks by a search that each call pays for many times. */
class ForkCommon extends Common {
  override gteHardfork(fork: string): boolean {
    return isSince(this.hardfork() as Fork, fork as Fork);
  }
}

/** The forks of one chain: which rules hold for which block. */
export class ForkSchedule {
  readonly config: ChainConfig;
  readonly #crypto: CustomCrypto;
  readonly #rules = new Map<Fork, Rules>();
  /** Calls on the head ask for the same block again and again. */
  #last: Asked | null = null;
  /** The rules as the EVM asks for them, for blocks before and after the merge. */
  readonly premerge: RuleSchedule = { at: (number, timestamp) => this.at(number, timestamp, false) };
  readonly merged: RuleSchedule = { at: (number, timestamp) => this.at(number, timestamp, true) };

  constructor(config: ChainConfig, crypto: CustomCrypto) {
    this.config = config;
    this.#crypto = crypto;
  }

  /** The fork of a block; `merged` is what proof of stake shows in the header, a difficulty of zero. */
  forkAt(number: bigint, timestamp: bigint, merged: boolean): Fork {
    let fork: Fork = "chainstart";
    for (const [name, block] of this.config.blocks) if (block <= number) fork = later(fork, name);
    if (!merged) return fork;
    fork = "paris";
    for (const [name, time] of this.config.times) if (time <= timestamp) fork = later(fork, name);
    return fork;
  }

  /** The rules of a block. */
  at(number: bigint, timestamp: bigint, merged: boolean): Rules {
    const last = this.#last;
    if (last !== null && last.number === number && last.timestamp === timestamp && last.merged === merged) {
      return last.rules;
    }
    const rules = this.of(this.forkAt(number, timestamp, merged));
    this.#last = { number, timestamp, merged, rules };
    return rules;
  }

  /** The rules of a fork; one object for each, as long as the chain id stays. */
  of(fork: Fork): Rules {
    let rules = this.#rules.get(fork);
    if (rules === undefined) {
      rules = this.#build(fork);
      this.#rules.set(fork, rules);
    }
    return rules;
  }

  /** The same forks under another chain id (anvil_setChainId). */
  withChainId(chainId: bigint): ForkSchedule {
    return new ForkSchedule({ ...this.config, chainId }, this.#crypto);
  }

  /** The blob limits of a fork: its own, or those of the latest fork before it that has some. */
  blobsOf(fork: Fork): BlobSchedule | null {
    const rank = forkRank(fork);
    for (let index = rank; index >= forkRank("cancun"); index--) {
      const candidate = FORKS[index];
      if (candidate === undefined) continue;
      const schedule = this.config.blobSchedules.get(candidate);
      if (schedule !== undefined && (candidate === fork || this.config.times.has(candidate))) return schedule;
    }
    return null;
  }

  #build(fork: Fork): Rules {
    return {
      fork,
      chainId: this.config.chainId,
      has: (other) => isSince(fork, other),
      hasEip: (eip) => forkHasEip(fork, eip),
      blobs: this.blobsOf(fork),
      depositContract: this.config.depositContract,
      common: this.#common(fork),
    };
  }

  #common(fork: Fork): Common {
    const customHardforks: HardforksDict = {};
    for (const name of FORKS) {
      const blobs = this.config.blobSchedules.get(name);
      const known: HardforkConfig = { eips: [...(EIPS[name] ?? [])] };
      if (name === "paris") known.consensus = { type: "pos", algorithm: "casper", casper: {} };
      customHardforks[name] = blobs === undefined ? known : { ...known, params: blobParams(blobs) };
    }
    // Every fork is listed at block 0, because the fork is chosen by name here: the library's own choice by number
    // knows neither a merge by difficulty nor bpo3 to bpo5 (its getHardforkBy).
    const chain: LibraryConfig = {
      name: "sallyport",
      chainId: this.config.chainId.toString(),
      genesis: { gasLimit: 0, difficulty: 0, nonce: "0x0000000000000000", extraData: "0x" },
      hardforks: FORKS.map((name) => ({ name, block: 0 })),
      customHardforks,
      bootstrapNodes: [],
      consensus: { type: "pow", algorithm: "ethash", ethash: {} },
      depositContractAddress: this.config.depositContract,
    };
    const common = new ForkCommon({ chain, hardfork: fork, customCrypto: this.#crypto });
    // Applied once: otherwise each EVM made with this object copies them again (measured: 4 ms a block). Those of blocks
    // and transactions are not needed, and loading their packages would cost 440 of 650 ms of the start (measured).
    common.updateParams(paramsEVM);
    return common;
  }
}

function later(one: Fork, other: Fork): Fork {
  return isSince(one, other) ? one : other;
}

function blobParams(blobs: BlobSchedule): Record<string, number> {
  return {
    targetBlobGasPerBlock: blobs.target * BYTES_PER_BLOB,
    maxBlobGasPerBlock: blobs.max * BYTES_PER_BLOB,
    blobGasPriceUpdateFraction: blobs.baseFeeUpdateFraction,
    // From bpo1 on the library looks for these two instead (Common.getBlobGasSchedule).
    target: blobs.target,
    max: blobs.max,
  };
}
