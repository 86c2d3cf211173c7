import { AttemptOver } from "./attempts.ts";
import type { Address } from "../primitives/types.ts";
import * as layout from "./core/layout.ts";
import type { CoreState } from "./core_state.ts";
import type { BlockEnv } from "./env.ts";
import { haltText } from "./halt.ts";
import { serverError } from "../rpc/error.ts";
import type { FrameType, Hooks } from "./hooks.ts";
import type { Pacer } from "../concurrency/pacer.ts";
import { Misses, MISSING } from "../state/base.ts";
import type { Precompile } from "./precompiles/precompile.ts";
import { haltReason, readLog } from "./run_result.ts";
import { StepView } from "./step_view.ts";

/**
 * Gas after which a run comes back to look at the clock: 0.3 to 4 ms, by what the gas is spent for (measured). Coming back
 * costs some 0.2 us.
 */
const WORK_GAS = 250_000n;
/**
 * How often an attempt that misses something comes back without having met anything new, before it is ended: with nothing in
 * place of the true values, a loop may have no end but the gas.
 */
const MAX_STALE_RETURNS = 4;
/** The values that one attempt notes at most. */
const MAX_NOTED = 4_096;

const TYPE_OF: { readonly [kind: number]: FrameType } = {
  [layout.KIND_CALL]: "CALL",
  [layout.KIND_CALLCODE]: "CALLCODE",
  [layout.KIND_DELEGATECALL]: "DELEGATECALL",
  [layout.KIND_STATICCALL]: "STATICCALL",
  [layout.KIND_CREATE]: "CREATE",
  [layout.KIND_CREATE2]: "CREATE2",
};

/** The parts that a run needs besides the core's memory. */
export interface HostParts {
  readonly state: CoreState;
  readonly env: BlockEnv;
  readonly pacer: Pacer;
  /** The precompiled contracts by their numbers in the core. */
  readonly precompiles: ReadonlyMap<number, Precompile>;
  readonly hooks: Hooks | undefined;
}

/**
 * Runs an instance that has been prepared to its end, and answers what it asks for on the way: accounts, slots and code of
 * the state, hashes of blocks, precompiled contracts. Pauses when the slice is over.
 */
export class Host {
  readonly #parts: HostParts;
  #step: StepView | undefined;
  #precompileError: string | undefined;
  #staleReturns = 0;
  #lastNoted = 0;

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  /** The message of the precompiled contract that failed last. */
  get precompileError(): string | undefined {
    return this.#precompileError;
  }

  async run(): Promise<void> {
    const { pacer, state: { instance: { core } } } = this.#parts;
    core.trace(this.#traced());
    try {
      for (;;) {
        const exit = this.#advance();
        if (exit === layout.EXIT_DONE) return;
        if (exit === layout.EXIT_PRECOMPILE) await this.#precompile();
        else if (exit === layout.EXIT_BUDGET) this.#checkAttempt();
        else {
          const misses = this.#answer(exit);
          if (misses !== undefined) await this.#load(misses);
        }
        if (pacer.isDue) await pacer.pause();
      }
    } finally {
      core.trace(0);
    }
  }

  /** Ends an attempt that finds nothing more to note. */
  #checkAttempt(): void {
    const { noted } = this.#parts.state;
    if (noted === undefined || noted.isEmpty) return;
    const { size } = noted;
    this.#staleReturns = size === this.#lastNoted ? this.#staleReturns + 1 : 0;
    this.#lastNoted = size;
    if (this.#staleReturns > MAX_STALE_RETURNS || size > MAX_NOTED) throw new AttemptOver();
  }

  /** Lets the core run on. One that traps is in the middle of something, and is not used again. */
  #advance(): number {
    const { state } = this.#parts;
    try {
      return state.instance.core.run(WORK_GAS);
    } catch (error) {
      state.isBroken = true;
      if (error instanceof WebAssembly.RuntimeError && error.message.includes("unreachable")) {
        throw serverError("execution takes more memory than 1 GiB", { cause: error });
      }
      throw error;
    }
  }

  /** The events for which the core stops, and the instructions before which it stops. */
  #traced(): number {
    const { hooks, state: { instance } } = this.#parts;
    if (hooks === undefined) return 0;
    const mask = instance.bytes.subarray(layout.STEP_MASK, layout.STEP_MASK + 256);
    mask.fill(hooks.opcodes === undefined ? 1 : 0);
    for (const op of hooks.opcodes ?? []) mask[op] = 1;
    return (hooks.onStep === undefined ? 0 : layout.TRACE_STEPS) |
      (hooks.onEnter === undefined && hooks.onExit === undefined ? 0 : layout.TRACE_FRAMES) |
      (hooks.onLog === undefined ? 0 : layout.TRACE_LOGS);
  }

  /** Does what the core returned for; returns what has to be loaded before it can go on, if anything. */
  #answer(exit: number): Misses | undefined {
    const { state, env, hooks } = this.#parts;
    const { instance } = state;
    const pointer = instance.u32(layout.OUT_POINTER);
    switch (exit) {
      case layout.EXIT_ACCOUNT:
        return state.loadAccount(pointer, this.#address());
      case layout.EXIT_CODE:
        state.loadCode(pointer, this.#address());
        break;
      case layout.EXIT_SLOT:
        return state.loadSlot(pointer, this.#address(), BigInt(`0x${instance.hex(layout.OUT_KEY, 32)}`));
      case layout.EXIT_BLOCK_HASH:
        return this.#blockHash(instance.u64(layout.OUT_NUMBER), env);
      case layout.EXIT_STEP:
        hooks?.onStep?.(this.#step ??= new StepView(instance));
        break;
      case layout.EXIT_ENTER:
        this.#entered();
        break;
      case layout.EXIT_LEAVE:
        this.#left();
        break;
      case layout.EXIT_LOG:
        hooks?.onLog?.(readLog(instance, pointer));
        break;
      case layout.EXIT_DESTRUCT:
        this.#destroyed();
        break;
      default:
        throw new Error(`the core returned with exit ${exit}`);
    }
    return undefined;
  }

  /** Lets the world's base load what is missing; the core asks for it again then. */
  async #load(misses: Misses): Promise<void> {
    const { state, pacer } = this.#parts;
    const { base } = state.world;
    if (base === null) throw new Error("a world without a base misses nothing");
    await pacer.during((signal) => base.load(misses, signal));
  }

  #address(): Address {
    return `0x${this.#parts.state.instance.hex(layout.OUT_ADDRESS, 20)}`;
  }

  #blockHash(number: bigint, env: BlockEnv): Misses | undefined {
    const { instance, noted } = this.#parts.state;
    const hash = env.blockHash(number);
    if (hash === MISSING) {
      const misses = noted ?? new Misses();
      misses.blockHashes.add(number);
      if (noted === undefined) return misses;
    }
    const bytes = instance.bytes.subarray(layout.IN_SECOND, layout.IN_SECOND + 32);
    if (hash === undefined || hash === MISSING) bytes.fill(0);
    else bytes.setFromHex(hash.slice(2));
    instance.core.blockHash(number);
    return undefined;
  }

  async #precompile(): Promise<void> {
    const { state: { instance }, precompiles, pacer } = this.#parts;
    const { core } = instance;
    const precompile = precompiles.get(instance.u32(layout.OUT_OP));
    if (precompile === undefined) throw new Error("the core asked for a precompiled contract that nobody set");
    const start = instance.u32(layout.OUT_INPUT);
    const input = instance.bytes.subarray(start, start + instance.u32(layout.OUT_INPUT_BYTES));
    const gas = precompile.gas(input);
    const available = instance.u64(instance.u32(layout.OUT_POINTER) + layout.FRAME_GAS);
    if (gas > available) return core.precompileDone(layout.HALT_OUT_OF_GAS, 0n);
    const running = precompile.run(input);
    const outcome = typeof running === "function" ? await pacer.during(running) : running;
    if (typeof outcome === "string") {
      this.#precompileError = outcome;
      return core.precompileDone(layout.HALT_PRECOMPILE, 0n);
    }
    const at = core.precompileOutput(outcome.length);
    instance.bytes.set(outcome, at);
    core.precompileDone(layout.HALT_NONE, BigInt(gas));
  }

  #entered(): void {
    const { hooks, state: { instance } } = this.#parts;
    const frame = instance.u32(layout.OUT_FRAME);
    const kind = instance.u32(frame + layout.FRAME_KIND);
    const to = instance.u32(frame + layout.FRAME_CODE_ACCOUNT);
    hooks?.onEnter?.({
      type: TYPE_OF[kind] ?? "CALL",
      from: instance.address(instance.u32(frame + layout.FRAME_CALLER_ACCOUNT)),
      to: instance.address(to),
      input: instance.copy(
        instance.core.memories() + instance.u32(frame + layout.FRAME_INPUT),
        instance.u32(frame + layout.FRAME_INPUT_BYTES),
      ),
      gas: instance.u64(frame + layout.FRAME_GAS),
      value: kind === layout.KIND_STATICCALL ? undefined : instance.word(frame + layout.FRAME_VALUE),
      depth: instance.u32(layout.OUT_DEPTH),
      isPrecompile: kind < layout.KIND_CREATE && instance.u32(to + layout.ACCOUNT_PRECOMPILE) !== 0,
    });
  }

  #left(): void {
    const { hooks, state: { instance } } = this.#parts;
    const frame = instance.u32(layout.OUT_FRAME);
    const reason = haltReason(instance, this.#precompileError);
    hooks?.onExit?.({
      output: instance.copy(instance.u32(layout.OUT_DATA), instance.u32(layout.OUT_DATA_BYTES)),
      gasUsed: instance.u64(frame + layout.FRAME_GAS_START) - instance.u64(frame + layout.FRAME_GAS),
      error: reason === undefined ? undefined : haltText(reason),
      isRevert: reason?.code === layout.HALT_REVERT,
      depth: instance.u32(layout.OUT_DEPTH),
    });
  }

  #destroyed(): void {
    const { hooks, state: { instance } } = this.#parts;
    const frame = instance.u32(layout.OUT_FRAME);
    const depth = instance.u32(layout.OUT_DEPTH);
    hooks?.onEnter?.({
      type: "SELFDESTRUCT",
      from: instance.address(instance.u32(frame + layout.FRAME_ACCOUNT)),
      to: instance.address(instance.u32(layout.OUT_POINTER)),
      input: new Uint8Array(0),
      gas: 0n,
      value: instance.word(layout.OUT_BALANCE),
      depth,
      isPrecompile: false,
    });
    hooks?.onExit?.({ output: new Uint8Array(0), gasUsed: 0n, error: undefined, isRevert: false, depth });
  }
}
