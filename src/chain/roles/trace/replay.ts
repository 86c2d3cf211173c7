import { serverError } from "../../../rpc/error.ts";
import { RunAborted } from "../../../concurrency/pacer.ts";
import { BlockRun } from "../../../evm/block_run.ts";
import { attempted } from "../../core/attempted.ts";
import type { Misses } from "../../../state/base.ts";
import type { World } from "../../../state/world.ts";
import type { ChainCore } from "../../core/core.ts";
import type { BlockRecord } from "../../store/block_record.ts";

/** The place in a block, and the signal that ends the run. */
export interface ReplayPoint {
  readonly index: number;
  readonly signal: AbortSignal;
  /** As that of a BlockRun. */
  readonly noted?: Misses | undefined;
}

/** Runs the transactions of a block before `index` again; resolves with the state after them. */
export function stateBefore(core: ChainCore, record: BlockRecord, point: ReplayPoint): Promise<World> {
  return attempted(core, async (noted) => {
    let passed = 0;
    for await (const run of runsOf(core, record, { ...point, noted })) {
      if (passed++ === point.index) return run.world();
    }
    throw new Error(`block ${record.hash} has no transaction ${point.index}`);
  }, { signal: point.signal });
}

/**
 * Runs a block again up to the transaction at `index`; yields the run before its first transaction, then after each. The
 * state of a run is made only when it is read, because that takes time.
 */
export async function* runsOf(
  core: ChainCore,
  record: BlockRecord,
  { index, ...options }: ReplayPoint,
): AsyncGenerator<BlockRun> {
  const { world, env } = core.replayContext(record);
  const run = new BlockRun(core.machine, world, env, options);
  try {
    await run.begin();
    yield run;
    for (const { transaction, sender, impersonated } of record.body().transactions.slice(0, index)) {
      await run.transaction(transaction, sender, { skipTransactionChecks: impersonated });
      yield run;
    }
  } catch (error) {
    throw error instanceof RunAborted ? serverError("execution aborted", { cause: error }) : error;
  } finally {
    run.close();
  }
}
