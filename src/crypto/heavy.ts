import { Mutex } from "../concurrency/mutex.ts";
import type { HeavyAnswer, HeavyJob, HeavyReply } from "./heavy_worker.ts";
import source from "./heavy_worker.ts" with { type: "text" };

/** Without work for this long the worker ends and gives back the 60 to 120 MB that it holds. */
const IDLE_MS = 30_000;

/** The job that the worker has, with the ends of its promise. */
interface RunningJob {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

// One worker with one job at a time: with two cores a second one would only take time from the first.
const mutex = new Mutex();
let worker: Worker | undefined;
let running: RunningJob | undefined;
let idleTimer: ReturnType<typeof setTimeout> | undefined;
let stopped = new AbortController();

/**
 * Runs work in the worker: steps that take longer than others may wait. A round trip costs 0.2 ms, the first one 300 ms
 * (measured). When `signal` is aborted the job leaves the queue, or ends in the middle of its step, and the promise
 * rejects with the signal's reason.
 */
export async function heavy<J extends HeavyJob>(job: J, signal?: AbortSignal): Promise<HeavyAnswer<J>> {
  const ended = signal === undefined ? stopped.signal : AbortSignal.any([stopped.signal, signal]);
  const answer = await mutex.run(() => runInWorker(job, ended), ended);
  return answer as HeavyAnswer<J>;
}

/** Ends the worker and the jobs that it has; the next job starts a new worker. */
export function stopHeavyWork(): void {
  clearTimeout(idleTimer);
  stopped.abort(new Error("the worker was stopped"));
  stopped = new AbortController();
  end();
}

function end(): void {
  worker?.terminate();
  worker = undefined;
}

async function runInWorker(job: HeavyJob, signal: AbortSignal): Promise<unknown> {
  // The caller may have gone between the end of the job before and the start of this one.
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const cancel = () => {
    // Nothing else ends a step of WebAssembly or of a big integer.
    end();
    reject(signal.reason);
  };
  clearTimeout(idleTimer);
  running = { resolve, reject };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    worker ??= start();
    worker.postMessage(job);
    return await promise;
  } finally {
    running = undefined;
    signal.removeEventListener("abort", cancel);
    if (worker !== undefined && mutex.waiting === 0) endWhenIdle();
  }
}

function endWhenIdle(): void {
  idleTimer = setTimeout(end, IDLE_MS);
  // A program that has nothing else to do may end.
  Deno.unrefTimer(idleTimer);
}

function start(): Worker {
  // Its types are checked with the rest of the project; `deno test` would check them again at each start.
  const text = ["// @ts-nocheck\n", source];
  const url = URL.createObjectURL(new Blob(text, { type: "application/typescript" }));
  const started = new Worker(url, { type: "module" });
  URL.revokeObjectURL(url);
  started.onmessage = ({ data }: MessageEvent<HeavyReply>) => {
    if (worker !== started) return;
    if ("value" in data) running?.resolve(data.value);
    else running?.reject(new Error(data.failure));
  };
  started.onerror = (event) => {
    event.preventDefault();
    end();
    running?.reject(new Error(event.message));
  };
  return started;
}
