import type { BlockRef, Data, Quantity, Simulation, TransactionRequest } from "../../eth/types.ts";
import type { CallOptions, Executor, Simulator } from "../../node/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Sides } from "../sides.ts";

/** Runs messages: from the forked block on here, on older blocks at the other chain. */
export class ForkExecutor implements Executor, Simulator {
  readonly #sides: Sides;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  async call(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Data> {
    const { executor, at: block } = await this.#in(at);
    return await executor.call(request, block, options);
  }

  async estimateGas(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Quantity> {
    const { executor, at: block } = await this.#in(at);
    return await executor.estimateGas(request, block, options);
  }

  async createAccessList(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<RawJson> {
    const { executor, at: block } = await this.#in(at);
    return await executor.createAccessList(request, block, options);
  }

  async simulate(
    simulation: Simulation,
    at: BlockRef,
    options: { readonly signal: AbortSignal },
  ): Promise<RawJson> {
    const { simulator, at: block } = await this.#in(at);
    return await simulator.simulate(simulation, block, options);
  }

  async #in(
    at: BlockRef,
  ): Promise<{ readonly executor: Executor; readonly simulator: Simulator; readonly at: BlockRef }> {
    const below = await this.#sides.ofState(at);
    const { executor, simulator } = below?.remote ?? this.#sides.local;
    return { executor, simulator, at: below?.at ?? at };
  }
}
