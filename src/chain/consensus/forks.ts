import { MAX_CODE_BYTES } from "../../primitives/limits.ts";
import type { RuleSchedule } from "../../evm/env.ts";
import { type BlobSchedule, type Fork, forkHasEip, forkRank, FORKS, isSince, type Rules } from "../../evm/forks.ts";
import type { ChainConfig } from "./chain_config.ts";

/** A block's position, and the rules there. */
interface Asked {
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly merged: boolean;
  readonly rules: Rules;
}

/** The forks of one chain: it finds the rules for each block. */
export class ForkSchedule {
  readonly config: ChainConfig;
  readonly #rules = new Map<Fork, Rules>();
  /** Calls on the head ask for the same block again and again. */
  #last: Asked | null = null;
  /** The rules as the EVM asks for them, for blocks before and after the merge. */
  readonly premerge: RuleSchedule = { at: (number, timestamp) => this.at(number, timestamp, false) };
  readonly merged: RuleSchedule = { at: (number, timestamp) => this.at(number, timestamp, true) };

  constructor(config: ChainConfig) {
    this.config = config;
  }

  /** Returns the fork of a block; `merged` is true for a header of proof of stake, with a difficulty of zero. */
  forkAt(number: bigint, timestamp: bigint, merged: boolean): Fork {
    let fork: Fork = "chainstart";
    for (const [name, block] of this.config.blocks) if (block <= number) fork = later(fork, name);
    // Proof of stake is younger than London: below it a block's number alone decides (geth's ChainConfig.Rules).
    if (!merged || !isSince(fork, "london")) return fork;
    fork = "paris";
    for (const [name, time] of this.config.times) if (time <= timestamp) fork = later(fork, name);
    return fork;
  }

  /** Returns the rules of a block. */
  at(number: bigint, timestamp: bigint, merged: boolean): Rules {
    const last = this.#last;
    if (last !== null && last.number === number && last.timestamp === timestamp && last.merged === merged) {
      return last.rules;
    }
    const rules = this.of(this.forkAt(number, timestamp, merged));
    this.#last = { number, timestamp, merged, rules };
    return rules;
  }

  /** Returns the rules of a fork; always the same object until the chain id changes. */
  of(fork: Fork): Rules {
    let rules = this.#rules.get(fork);
    if (rules === undefined) {
      rules = this.#build(fork);
      this.#rules.set(fork, rules);
    }
    return rules;
  }

  /** Returns the same forks under another chain id (anvil_setChainId). */
  withChainId(chainId: bigint): ForkSchedule {
    return new ForkSchedule({ ...this.config, chainId });
  }

  /** Returns the blob limits of a fork: its own, or those of the latest fork before it that has some. */
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
      maxCodeBytes: this.config.maxCodeBytes ?? MAX_CODE_BYTES,
    };
  }
}

function later(one: Fork, other: Fork): Fork {
  return isSince(one, other) ? one : other;
}
