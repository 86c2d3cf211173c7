import "../no_env.ts";
import type { World } from "../state/world.ts";
import type { BlockEnv } from "./env.ts";

/** How long a run may take, and who may end it. */
export interface RunLimits {
  readonly signal?: AbortSignal | undefined;
  /** performance.now() at which the run is ended; none when absent. */
  readonly deadline?: number | undefined;
}

/** One EVM, lent to one run. */
export interface Execution {
  readonly env: BlockEnv;
}

/** Lends EVMs: an instance is not re-entrant, so each run has one to itself. One machine serves a whole process. */
export class Machine {
  /** Runs `work` on an EVM over `world`; nothing of it is kept. */
  run<T>(_world: World, _env: BlockEnv, _work: (execution: Execution) => Promise<T>, _limits?: RunLimits): Promise<T> {
    throw new Error("skeleton");
  }
}
