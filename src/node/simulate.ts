import type { BlockRef, Simulation } from "../eth/types.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** Runs blocks that are never part of a chain. Bounded as {@link Executor} is. */
export interface Simulator {
  /** The result of eth_simulateV1: the simulated blocks on top of `at`, with the results of their calls. */
  simulate(simulation: Simulation, at: BlockRef, options: { readonly signal: AbortSignal }): Promise<RawJson>;
}
