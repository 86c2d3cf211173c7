import type { BlockRef } from "../../../eth/types.ts";
import type { Simulation } from "../../../eth/types.ts";
import type { Simulator } from "../../../node/simulate.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import { type BlockRecord, type ExecutedBlock, RecentBlocks } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import type { ExecutorLimits } from "../executor.ts";
import { attempted } from "../../core/attempted.ts";
import type { Misses } from "../../../state/base.ts";
import type { LoanOptions } from "../../../evm/machine.ts";
import { Pacer } from "../../../concurrency/pacer.ts";
import type { Blocks } from "../read/blocks.ts";
import { SimulatedRun } from "./block.ts";
import { simulationFailure } from "./failure.ts";
import { checkSize, GasBudget } from "./limits.ts";
import { blockResultJson } from "./result.ts";
import { placeBlocks, planHeader } from "./sequence.ts";

/** Runs eth_simulateV1 on the embedded chain (geth's internal/ethapi/simulate.go). */
export class EmbeddedSimulator implements Simulator {
  readonly #core: ChainCore;
  readonly #blocks: Blocks;
  readonly #limits: ExecutorLimits;

  constructor(core: ChainCore, options: { readonly blocks: Blocks; readonly limits: ExecutorLimits }) {
    this.#core = core;
    this.#blocks = options.blocks;
    this.#limits = options.limits;
  }

  async simulate(
    simulation: Simulation,
    at: BlockRef,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<RawJson> {
    checkSize(simulation.blocks);
    const base = await this.#blocks.executed(at);
    const { timeoutMs } = this.#limits;
    const deadline = timeoutMs === 0 ? undefined : performance.now() + timeoutMs;
    try {
      const limits = { signal, deadline };
      const run = (noted?: Misses) => this.#run(simulation, { base, limits: { ...limits, noted } });
      return await attempted(this.#core, run, limits);
    } catch (error) {
      throw simulationFailure(error, timeoutMs);
    }
  }

  async #run(
    simulation: Simulation,
    { base: { record: base, world: state }, limits }: { readonly base: ExecutedBlock; readonly limits: LoanOptions },
  ): Promise<RawJson> {
    const { forks, machine } = this.#core;
    const blocks = placeBlocks(base.header, simulation.blocks);
    const budget = new GasBudget(this.#limits.gasCap);
    // Simulated blocks must not push real ones out of the cache of decoded blocks.
    const recent = new RecentBlocks();
    const pacer = new Pacer(limits);
    const records: BlockRecord[] = [];
    const results: string[] = [];
    let world = state;
    for (const block of blocks) {
      await pacer.breathe();
      const parent = records.at(-1) ?? base;
      const { header: parentHeader, hash: parentHash } = parent;
      const plan = planHeader(block, { forks, parent: parentHeader, parentHash, validation: simulation.validation });
      const planned = this.#core.envOf(plan.header, records);
      const env = { ...planned, blobBaseFee: block.block.blobBaseFee ?? planned.blobBaseFee };
      const run = new SimulatedRun({
        ...{ machine, world, env, plan, budget, simulation, limits, recent },
        chainId: forks.config.chainId,
      });
      const outcome = await run.run(block);
      ({ world } = outcome);
      records.push(outcome.record);
      results.push(blockResultJson(outcome, {
        fullTransactions: simulation.fullTransactions,
        blobGasPrice: this.#core.blobGasPrice(outcome.record.header),
      }));
    }
    return new RawJson(`[${results.join(",")}]`);
  }
}
