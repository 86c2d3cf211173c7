import { Mutex } from "../concurrency/mutex.ts";
import { startWorker } from "../concurrency/worker.ts";
import type { HeavyJob, HeavyReply } from "./heavy_worker.ts";
import source from "./heavy_worker.ts" with { type: "text" };

/** Without work for this long a worker ends and gives back the 60 to 120 MB that it holds. */
const IDLE_MS = 30_000;

/** The ends of the promise of the job that a worker has. */
interface RunningJob {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** A worker with the jobs that wait for it: one runs at a time, first come, first served. */
export class HeavyQueue {
  readonly #jobs = new Mutex();
  #worker: Worker | undefined;
  #running: RunningJob | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #stopped = new AbortController();

  /** Resolves with the job's answer; rejects with the signal's reason, waiting or in the middle of a step. */
  async run(job: HeavyJob, signal: AbortSignal | undefined): Promise<unknown> {
    const stopped = this.#stopped.signal;
    const ended = signal === undefined ? stopped : AbortSignal.any([stopped, signal]);
    return await this.#jobs.run(() => this.#runInWorker(job, ended), ended);
  }

  /** Ends the worker and the jobs that it has; the next job starts a new worker. */
  stop(): void {
    clearTimeout(this.#idleTimer);
    this.#stopped.abort(new Error("the worker was stopped"));
    this.#stopped = new AbortController();
    this.#end();
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #runInWorker(job: HeavyJob, signal: AbortSignal): Promise<unknown> {
    // The caller may have gone between the end of the job before and the start of this one.
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = () => {
      // Nothing else ends a step of WebAssembly or of a big integer.
      this.#end();
      reject(signal.reason);
    };
    clearTimeout(this.#idleTimer);
    this.#running = { resolve, reject };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      this.#worker ??= this.#start();
      this.#worker.postMessage(job);
      return await promise;
    } finally {
      this.#running = undefined;
      signal.removeEventListener("abort", cancel);
      if (this.#worker !== undefined && this.#jobs.waiting === 0) this.#endWhenIdle();
    }
  }

  #endWhenIdle(): void {
    this.#idleTimer = setTimeout(() => this.#end(), IDLE_MS);
    // A program that has nothing else to do may end.
    Deno.unrefTimer(this.#idleTimer);
  }

  #start(): Worker {
    const started = startWorker(source);
    started.onmessage = ({ data }: MessageEvent<HeavyReply>) => {
      if (this.#worker !== started) return;
      if ("value" in data) this.#running?.resolve(data.value);
      else this.#running?.reject(new Error(data.failure));
    };
    started.onerror = (event) => {
      event.preventDefault();
      if (this.#worker === started) this.#end();
      this.#running?.reject(new Error(event.message));
    };
    return started;
  }
}
