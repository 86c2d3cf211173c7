import { stopHeavyWork } from "../crypto/heavy.ts";
import { loadFastKeccak } from "../crypto/keccak.ts";
import { World } from "../state/world.ts";
import { CoreState } from "./core_state.ts";
import type { BlockEnv } from "./env.ts";
import { Execution } from "./execution.ts";
import { Instance } from "./instance.ts";
import { ZERO_ADDRESS } from "../primitives/hex.ts";
import { Mutex } from "../concurrency/mutex.ts";
import { Pacer } from "../concurrency/pacer.ts";
import { type TimeSlices, timeSlices } from "../concurrency/time_slices.ts";
import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import { attempts, type Foreknowledge } from "./attempts.ts";
import type { Misses } from "../state/base.ts";

export interface MachineOptions {
  /** The machine's clock when absent. */
  readonly clock?: Clock;
  /** The scheduler of the event loop when absent. */
  readonly slices?: TimeSlices;
}

/** The time limit of a run, and the signal that ends it. */
export interface RunLimits {
  readonly signal?: AbortSignal | undefined;
  /** The clock's time at which the run is ended; none when absent. */
  readonly deadline?: number | undefined;
}

/** The limits of a run, and what is known before about what it reads. */
export interface RunOptions extends RunLimits {
  readonly foreknowledge?: Foreknowledge | undefined;
}

/** The limits of a lent EVM. */
export interface LoanOptions extends RunLimits {
  /** Where what is missing is noted, so that the run goes on without it; absent for a run that waits for it. */
  readonly noted?: Misses | undefined;
}

/** Instances that are kept; more than this many at once are made and forgotten. */
const MAX_IDLE = 8;

/**
 * Lends EVMs: an instance runs one message at a time, so each run borrows one to itself. One that was used for the same
 * world is preferred, for what it has read is still there. One machine serves a whole process.
 */
export class Machine {
  /** Those used last are at the end. */
  readonly #idle: CoreState[] = [];
  /**
   * Lets short runs go one after the other, each to its end, on one warm EVM: side by side each would need an EVM of its
   * own and pause for the others (measured: 32 small calls at once ran at a seventh of their speed). A long run gives the
   * mutex back when it pauses for the first time.
   */
  readonly #runs = new Mutex();
  readonly #slices: TimeSlices;
  readonly #clock: Clock;

  constructor({ clock = SYSTEM_CLOCK, slices = timeSlices }: MachineOptions = {}) {
    this.#clock = clock;
    this.#slices = slices;
  }

  /**
   * Runs `work` on an EVM over `world`; what it wants to keep it takes from the state by `flush`. Not to be called from
   * within `work`, which holds the mutex until it pauses. Where the world's base has yet to load something, `work` is an
   * attempt of {@link attempts}, and is repeated.
   */
  async run<T>(world: World, env: BlockEnv, work: (execution: Execution) => Promise<T>, options: RunOptions = {}) {
    const leave = await this.#runs.acquire();
    try {
      await this.#slices.start();
      const run = async (noted?: Misses): Promise<T> => {
        const execution = this.borrow(world, env, { ...options, noted });
        execution.pacer.onPause = leave;
        try {
          // The caller may be gone, or its time over, after the wait: a run would take a slice before it checks.
          execution.pacer.check();
          return await work(execution);
        } finally {
          this.giveBack(execution);
        }
      };
      if (world.base === null) return await run();
      const pacer = this.#pacer(options);
      pacer.onPause = leave;
      return await attempts(world.base, run, {
        during: (load) => pacer.during(load),
        foreknowledge: options.foreknowledge,
      });
    } finally {
      leave();
    }
  }

  /** Makes what the first run needs, so that it need not wait for it: the hasher, and an EVM that has run. */
  async warmUp(env: BlockEnv): Promise<void> {
    await loadFastKeccak();
    await this.run(World.empty(), env, async (execution) => {
      execution.begin({ origin: ZERO_ADDRESS, gasPrice: 0n });
      await execution.call({ from: ZERO_ADDRESS, to: ZERO_ADDRESS, gas: 0n, value: 0n, data: new Uint8Array(0) });
    });
  }

  /** An EVM over `world` until it is given back. */
  borrow(world: World, env: BlockEnv, options: LoanOptions = {}): Execution {
    void loadFastKeccak();
    this.#slices.begin();
    const state = this.#take(world);
    state.use(world);
    state.noted = options.noted;
    return new Execution(state, env, this.#pacer(options));
  }

  #pacer({ signal, deadline }: RunLimits): Pacer {
    return new Pacer({ signal, deadline, clock: this.#clock, slices: this.#slices });
  }

  /** Ends the worker of this process's EVMs; the next heavy work starts it again. */
  close(): void {
    stopHeavyWork();
  }

  /** Takes an EVM back, also one whose run was cut off. */
  giveBack({ state }: Execution): void {
    if (!state.isReusable) return;
    state.restore();
    // What an attempt took for nothing must not be found by the next run.
    if (state.noted?.isEmpty === false) state.use(World.empty());
    state.noted = undefined;
    if (this.#idle.length === MAX_IDLE) this.#idle.shift();
    this.#idle.push(state);
  }

  #take(world: World): CoreState {
    const warm = this.#idle.findLastIndex((state) => state.world === world);
    const [state] = warm === -1
      ? this.#idle.splice(0, this.#idle.length === MAX_IDLE ? 1 : 0)
      : this.#idle.splice(warm, 1);
    return state ?? this.#idle.shift() ?? new CoreState(new Instance());
  }
}
