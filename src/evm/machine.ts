import "../state/no_env.ts";
import type { Common } from "@ethereumjs/common";
import { Address as EvmAddress } from "@ethereumjs/util";
import type { Address } from "../eth/types.ts";
import { loadFastKeccak } from "../crypto/keccak.ts";
import { stopHeavyWork } from "../crypto/heavy.ts";
import type { StateManager } from "../state/manager.ts";
import type { World } from "../state/world.ts";
import type { BlockEnv } from "./env.ts";
import { interpreterParts } from "./library.ts";
import { Pacer } from "../concurrency/pacer.ts";
import type { StepHook } from "./step.ts";
import { Mutex } from "../concurrency/mutex.ts";
import { timeSlices } from "../concurrency/time_slices.ts";
import { Vm } from "./vm.ts";
import { hexToBytes } from "../primitives/hex.ts";

/** How long a run may take, and who may end it. */
export interface RunLimits {
  readonly signal?: AbortSignal | undefined;
  /** performance.now() at which the run is ended; none when absent. */
  readonly deadline?: number | undefined;
}

type LibraryBlock = NonNullable<Parameters<Vm["runCall"]>[0]["block"]>;

/** An address as the library has it. */
export function evmAddress(address: Address): EvmAddress {
  return new EvmAddress(hexToBytes(address));
}

/** A block's values as the library's opcodes read them; most calls read none. */
class EnvHeader {
  readonly #env: BlockEnv;
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly difficulty: bigint;
  readonly gasLimit: bigint;
  readonly baseFeePerGas?: bigint;

  constructor(env: BlockEnv) {
    this.#env = env;
    this.number = env.number;
    this.timestamp = env.timestamp;
    this.difficulty = env.difficulty;
    this.gasLimit = env.gasLimit;
    if (env.baseFee !== undefined) this.baseFeePerGas = env.baseFee;
  }

  get coinbase(): EvmAddress {
    return evmAddress(this.#env.coinbase);
  }

  get prevRandao(): Uint8Array {
    return hexToBytes(this.#env.prevRandao);
  }

  getBlobGasPrice(): bigint | undefined {
    return this.#env.blobBaseFee;
  }
}

/** One EVM over one world, lent to one run. */
export class Execution {
  readonly vm: Vm;
  readonly env: BlockEnv;
  readonly common: Common;
  readonly pacer: Pacer;
  /** The block as the library's opcodes see it. */
  readonly block: LibraryBlock;

  constructor(vm: Vm, world: World, env: BlockEnv, limits: RunLimits) {
    this.vm = vm;
    this.env = env;
    this.common = vm.common;
    this.pacer = new Pacer(limits);
    vm.state.setWorld(world);
    vm.pacer = this.pacer;
    vm.env = env;
    vm.onStep = undefined;
    vm.usePrecompiles(vm.builtIn);
    this.block = { header: new EnvHeader(env) };
  }

  get state(): StateManager {
    return this.vm.state;
  }

  /** Shows every instruction to `hook` from now on; several times slower. */
  trace(hook: StepHook | undefined): void {
    this.vm.onStep = hook;
  }

  /** True from the fork on that brings the EIP. */
  has(eip: number): boolean {
    return this.common.isActivatedEIP(eip);
  }
}

/** EVMs that are kept for one set of rules; more than this many at once are made and forgotten. */
const MAX_IDLE = 16;

/**
 * Lends EVMs: an instance is not re-entrant (a call during sealing silently discarded the block's state), and making one
 * costs 0.65 ms (measured), so each run borrows one to itself. One machine serves a whole process.
 */
export class Machine {
  readonly #idle = new WeakMap<Common, Vm[]>();
  /**
   * Lets short runs go one after the other, each to its end, on one warm EVM: side by side each would need an EVM of its
   * own and pause for the others (measured: 32 small calls at once ran at a seventh of their speed). A long run gives the
   * mutex back when it pauses for the first time.
   */
  readonly #runs = new Mutex();

  /**
   * Runs `work` on an EVM over `world`; what it wants to keep it takes from the state by `flush`. Not to be called from
   * within `work`, which holds the mutex until it pauses.
   */
  async run<T>(world: World, env: BlockEnv, work: (execution: Execution) => Promise<T>, limits: RunLimits = {}) {
    const leave = await this.#runs.acquire();
    try {
      await timeSlices.start();
      const execution = await this.borrow(world, env, limits);
      execution.pacer.onPause = leave;
      try {
        // Whoever waited here may be gone, or out of time: a run costs a slice before it looks again.
        execution.pacer.check();
        return await work(execution);
      } finally {
        this.giveBack(execution);
      }
    } finally {
      leave();
    }
  }

  /** An EVM over `world` until it is given back. */
  async borrow(world: World, env: BlockEnv, limits: RunLimits = {}): Promise<Execution> {
    void loadFastKeccak();
    const parts = await interpreterParts();
    const common = env.rules.at(env.number, env.timestamp).common;
    const vm = this.#idle.get(common)?.pop() ?? new Vm(common, parts);
    return new Execution(vm, world, env, limits);
  }

  /** Ends what runs beside the event loop for this process's EVMs; the next heavy work starts it again. */
  close(): void {
    stopHeavyWork();
  }

  /** Takes an EVM back. One whose run was cut off has frames still open inside the library, and is not used again. */
  giveBack(execution: Execution): void {
    const { vm } = execution;
    if (vm.state.depth !== 0) return;
    vm.reset();
    let idle = this.#idle.get(vm.common);
    if (idle === undefined) this.#idle.set(vm.common, idle = []);
    if (idle.length < MAX_IDLE) idle.push(vm);
  }
}
