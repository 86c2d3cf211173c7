import type { RawJson } from "../rpc/raw_json.ts";
import type { BlockOverrides, BlockRef, StateOverrides, TransactionRequest } from "../eth/types.ts";

/** One block of a simulation: what differs in it, and the calls that are run in it one after the other. */
export interface SimulatedBlock {
  readonly block?: BlockOverrides | undefined;
  readonly state?: StateOverrides | undefined;
  readonly calls: readonly TransactionRequest[];
}

/** What eth_simulateV1 asks for. */
export interface Simulation {
  readonly blocks: readonly SimulatedBlock[];
  /** Reports each transfer of ether as a log of 0xeeee… (ERC-7528). */
  readonly traceTransfers: boolean;
  /** Checks nonces, funds and fees as a block would; without, a call is run as eth_call runs it. */
  readonly validation: boolean;
  readonly fullTransactions: boolean;
}

/** Runs blocks that are never part of a chain. Bounded as {@link Executor} is. */
export interface Simulator {
  /** The result of eth_simulateV1: the simulated blocks on top of `at`, with the results of their calls. */
  simulate(simulation: Simulation, at: BlockRef, options: { readonly signal: AbortSignal }): Promise<RawJson>;
}
