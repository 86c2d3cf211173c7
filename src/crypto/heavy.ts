import type { HeavyAnswer, HeavyJob, HeavyReply } from "./heavy_worker.ts";
import source from "./heavy_worker.ts" with { type: "text" };

/** Without work for this long the worker goes, with the 60 to 120 MB that it holds. */
const IDLE_MS = 30_000;

interface Entry {
  readonly job: HeavyJob;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A job that was handed over. */
export interface Handed<T> {
  readonly result: Promise<T>;
  /** Ends it for good, even in the middle of a single step; `result` stays pending. */
  cancel(): void;
}

let worker: Worker | undefined;
let active: Entry | undefined;
let queue: Entry[] = [];
let idleTimer: ReturnType<typeof setTimeout> | undefined;

/**
 * Hands work to the worker: what takes longer in one step than others may wait. A round trip costs 0.2 ms, the first one
 * 300 ms (measured). One worker, one job at a time: with two cores more would only take turns.
 */
export function heavy<J extends HeavyJob>(job: J): Handed<HeavyAnswer<J>> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const entry: Entry = { job, resolve, reject };
  // Who waits learns of a failure; a job whose run was cut off has nobody waiting.
  promise.catch(() => {});
  queue.push(entry);
  advance();
  return { result: promise as Promise<HeavyAnswer<J>>, cancel: () => cancel(entry) };
}

/** Ends the worker; the next job starts a new one. */
export function stopHeavyWork(): void {
  clearTimeout(idleTimer);
  worker?.terminate();
  worker = undefined;
  const ended = active === undefined ? queue : [active, ...queue];
  active = undefined;
  queue = [];
  for (const entry of ended) entry.reject(new Error("the worker was stopped"));
}

function advance(): void {
  if (active !== undefined) return;
  active = queue.shift();
  clearTimeout(idleTimer);
  if (active === undefined) {
    idleTimer = setTimeout(stopHeavyWork, IDLE_MS);
    // A program that has nothing else to do may end.
    Deno.unrefTimer(idleTimer);
    return;
  }
  worker ??= start();
  worker.postMessage(active.job);
}

function start(): Worker {
  // Its types are checked with the rest of the project; `deno test` would check them again at each start.
  const text = ["// @ts-nocheck\n", source];
  const url = URL.createObjectURL(new Blob(text, { type: "application/typescript" }));
  const started = new Worker(url, { type: "module" });
  URL.revokeObjectURL(url);
  started.onmessage = ({ data }: MessageEvent<HeavyReply>) =>
    settle((entry) => "value" in data ? entry.resolve(data.value) : entry.reject(new Error(data.failure)));
  started.onerror = (event) => {
    event.preventDefault();
    started.terminate();
    worker = undefined;
    settle((entry) => entry.reject(new Error(event.message)));
  };
  return started;
}

function settle(finish: (entry: Entry) => void): void {
  const entry = active;
  active = undefined;
  if (entry !== undefined) finish(entry);
  advance();
}

function cancel(entry: Entry): void {
  if (entry !== active) {
    queue = queue.filter((other) => other !== entry);
    return;
  }
  worker?.terminate();
  worker = undefined;
  active = undefined;
  advance();
}
