import type { AccessListItem, Address, Hash } from "../primitives/types.ts";
import type { EvmLog } from "../primitives/receipt.ts";
import * as layout from "./core/layout.ts";
import type { CoreState } from "./core_state.ts";
import type { BlockEnv } from "./env.ts";
import type { Rules } from "./forks.ts";
import type { Hooks } from "./hooks.ts";
import { Host } from "./host.ts";
import type { Pacer } from "../concurrency/pacer.ts";
import type { Precompile } from "./precompiles/precompile.ts";
import { precompilesOf } from "./precompiles/table.ts";
import { readLogs, type RunResult, runResult } from "./run_result.ts";
import { MAX_INT64 } from "../primitives/uint.ts";

/** The first frame of a run. */
export interface FrameRequest {
  readonly from: Address;
  /** Null for a creation. */
  readonly to: Address | null;
  /** The address at which a creation makes its contract. */
  readonly created?: Address | undefined;
  readonly gas: bigint;
  readonly value: bigint;
  readonly data: Uint8Array;
}

/** The values of the transaction that instructions can read. */
export interface TransactionValues {
  readonly origin: Address;
  readonly gasPrice: bigint;
  readonly blobHashes?: readonly Hash[] | undefined;
}

/** Gas that the core counts in 63 bits; what a run has beyond that it cannot use up. */
const MAX_GAS = MAX_INT64;

/** One EVM over one world, lent to one run. */
export class Execution {
  readonly state: CoreState;
  readonly env: BlockEnv;
  readonly rules: Rules;
  readonly pacer: Pacer;
  #precompiles: ReadonlyMap<Address, Precompile>;
  #hooks: Hooks | undefined;
  #isReady = false;

  constructor(state: CoreState, env: BlockEnv, pacer: Pacer) {
    this.state = state;
    this.env = env;
    this.rules = env.rules.at(env.number, env.timestamp);
    this.pacer = pacer;
    this.#precompiles = precompilesOf(this.rules.fork);
  }

  /** True from the fork on that brings the EIP. */
  has(eip: number): boolean {
    return this.rules.hasEip(eip);
  }

  /** The precompiled contracts of this run, by address. */
  get precompiles(): ReadonlyMap<Address, Precompile> {
    return this.#precompiles;
  }

  /** Replaces the precompiled contracts for the length of a run. */
  usePrecompiles(precompiles: ReadonlyMap<Address, Precompile>): void {
    this.#precompiles = precompiles;
    this.#isReady = false;
  }

  /** Shows what happens to hooks from now on; each instruction that is shown costs a microsecond or more. */
  trace(hooks: Hooks | undefined): void {
    this.#hooks = hooks;
  }

  /** Begins a transaction: what was set before is its original state, nothing is warm, nothing is touched. */
  begin({ origin, gasPrice, blobHashes = [] }: TransactionValues): void {
    this.#prepare();
    const { instance } = this.state;
    instance.core.begin();
    instance.setWord(layout.ENV_ORIGIN, BigInt(origin));
    instance.setWord(layout.ENV_GAS_PRICE, gasPrice);
    if (blobHashes.length === 0) return;
    const at = instance.core.blobHashes(blobHashes.length);
    blobHashes.forEach((hash, index) => {
      instance.bytes.subarray(at + index * 32, at + index * 32 + 32).setFromHex(hash.slice(2));
    });
  }

  /** Adds to the gas that is refunded at the end of the transaction. */
  addRefund(gas: bigint): void {
    this.state.instance.core.addRefund(gas);
  }

  /**
   * Lets the world's base load accounts that are read outside of a frame, where a run cannot wait for them, and what an
   * access list announces, so that the run need not wait for each of its slots.
   */
  async preload(addresses: readonly Address[], accessList: readonly AccessListItem[] = []): Promise<void> {
    const { base } = this.state.world;
    if (base === null) return;
    for (;;) {
      const misses = this.state.missesOf(addresses, accessList);
      if (misses === undefined) return;
      await this.pacer.during((signal) => base.load(misses, signal));
    }
  }

  /** Runs the first frame and all that it calls. */
  async call({ from, to, created, gas, value, data }: FrameRequest): Promise<RunResult> {
    const { state } = this;
    const { instance } = state;
    const { core } = instance;
    const target = to ?? created;
    if (target === undefined) throw new Error("a creation needs the address of what it makes");
    if (state.world.base !== null) await this.preload([from, target]);
    const [sender, receiver] = [state.entry(from), state.entry(target)];
    const at = core.input(data.length);
    instance.bytes.set(data, at);
    instance.setBigEndian(layout.IN, value);
    const counted = gas > MAX_GAS ? MAX_GAS : gas;
    core.prepare(to === null ? layout.KIND_CREATE : layout.KIND_CALL, sender, receiver, counted, data.length);
    const precompiles = state.precompiles.byNumber;
    const host = new Host({ state, env: this.env, pacer: this.pacer, precompiles, hooks: this.#hooks });
    await host.run();
    const result = runResult(instance, host.precompileError);
    return counted === gas ? result : { ...result, gasLeft: result.gasLeft + gas - counted };
  }

  /** The logs of the transaction so far. */
  logs(): Promise<EvmLog[]> {
    return readLogs(this.state.instance, this.pacer);
  }

  /** Ends a transaction: what destroyed itself goes, and what was touched and is empty (EIP-161). */
  finish(): void {
    this.state.instance.core.finish();
  }

  /** Puts the fork's tables, the block's values and the precompiled contracts into the instance. */
  #prepare(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    const { env, rules, state } = this;
    state.block.set(env, rules);
    state.precompiles.use(this.#precompiles, precompilesOf(rules.fork));
  }
}
