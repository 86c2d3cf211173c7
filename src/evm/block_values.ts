import * as layout from "./core/layout.ts";
import type { BlockEnv } from "./env.ts";
import { setFork } from "./fork_table.ts";
import type { Rules } from "./forks.ts";
import type { Instance } from "./instance.ts";

/** The values of a block that an instance has; putting them in again would cost a tenth of a small call (measured). */
export class BlockValues {
  readonly #instance: Instance;
  #env: BlockEnv | undefined;
  #rules: Rules | undefined;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  /** Puts in what is not there yet. */
  set(env: BlockEnv, rules: Rules): void {
    const instance = this.#instance;
    const old = this.#env;
    const isSameFork = rules === this.#rules;
    if (!isSameFork) {
      setFork(instance, rules);
      instance.setWord(layout.ENV_CHAIN_ID, rules.chainId);
    }
    if (env.coinbase !== old?.coinbase) instance.setWord(layout.ENV_COINBASE, BigInt(env.coinbase));
    if (env.timestamp !== old?.timestamp) instance.setWord(layout.ENV_TIMESTAMP, env.timestamp);
    if (env.number !== old?.number) instance.setWord(layout.ENV_NUMBER, env.number);
    if (!isSameFork || env.prevRandao !== old?.prevRandao || env.difficulty !== old.difficulty) {
      instance.setWord(layout.ENV_RANDOM, rules.has("paris") ? BigInt(env.prevRandao) : env.difficulty);
    }
    if (env.gasLimit !== old?.gasLimit) instance.setWord(layout.ENV_GAS_LIMIT, env.gasLimit);
    if (old === undefined || env.baseFee !== old.baseFee) instance.setWord(layout.ENV_BASE_FEE, env.baseFee ?? 0n);
    if (old === undefined || env.blobBaseFee !== old.blobBaseFee) {
      instance.setWord(layout.ENV_BLOB_BASE_FEE, env.blobBaseFee ?? 0n);
    }
    this.#env = env;
    this.#rules = rules;
  }
}
