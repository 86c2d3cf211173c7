import { HeavyQueue } from "./heavy_queue.ts";
import type { HeavyAnswer, HeavyJob } from "./heavy_worker.ts";

/** Proofs of blobs take seconds; a call that uses a precompiled contract, milliseconds: it does not wait behind them. */
const calculations = new HeavyQueue();
const proofs = new HeavyQueue();

/**
 * Runs work in a worker: steps that take longer than others may wait. A round trip costs 0.2 ms, the first one 300 ms
 * (measured). When `signal` is aborted the job leaves the queue, or ends in the middle of its step, and the promise
 * rejects with the signal's reason.
 */
export async function heavy<J extends HeavyJob>(job: J, signal?: AbortSignal): Promise<HeavyAnswer<J>> {
  const queue = job.kind === "calculate" ? calculations : proofs;
  return await queue.run(job, signal) as HeavyAnswer<J>;
}

/** Ends the workers and the jobs that they have; the next job starts a new one. */
export function stopHeavyWork(): void {
  calculations.stop();
  proofs.stop();
}
