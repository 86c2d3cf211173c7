import type { Handed } from "../crypto/heavy.ts";
import { ExecutionAborted } from "./halt.ts";

/** The longest stretch that an execution holds the event loop for. */
export const SLICE_MS = 8;

const oneByte = new Uint8Array(1);
let pauses = 0;

/**
 * Resolves in a later turn of the event loop, after sockets and timers had theirs. Measured with a run that works 8 ms
 * between pauses: a MessageChannel lets neither timers nor sockets in, setImmediate only timers; a digest on the
 * runtime's thread pool lets both in and costs 0.1 ms; setTimeout costs 2 ms but serves every waiting socket. Turn
 * about, others wait 4 ms (p50) to 17 ms (p99), and the run loses a sixth.
 */
async function nextTurn(): Promise<void> {
  if (pauses++ % 2 === 0) await crypto.subtle.digest("SHA-1", oneByte);
  else await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Watches one run: gives the loop its turns, and ends the run when its time is over or nobody wants it any more. */
export class Pacer {
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  #sliceEnd: number;

  constructor(limits: { readonly deadline?: number | undefined; readonly signal?: AbortSignal | undefined }) {
    this.#deadline = limits.deadline ?? Infinity;
    this.#signal = limits.signal;
    this.#sliceEnd = performance.now() + SLICE_MS;
  }

  /** True when the slice is over. */
  get isDue(): boolean {
    return performance.now() >= this.#sliceEnd;
  }

  /** Ends the run if it must end. */
  check(): void {
    if (this.#signal?.aborted === true) throw new ExecutionAborted(false);
    if (performance.now() >= this.#deadline) throw new ExecutionAborted(true);
  }

  /** Waits for work that was handed to another thread, no longer than the run may last. */
  async during<T>(job: Handed<T>): Promise<T> {
    try {
      this.check();
    } catch (error) {
      job.cancel();
      throw error;
    }
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = () => {
      job.cancel();
      reject(new ExecutionAborted(this.#signal?.aborted !== true));
    };
    const remaining = this.#deadline - performance.now();
    const timer = Number.isFinite(remaining) ? setTimeout(end, remaining) : undefined;
    this.#signal?.addEventListener("abort", end, { once: true });
    try {
      return await Promise.race([job.result, ended]);
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener("abort", end);
      this.#sliceEnd = performance.now() + SLICE_MS;
    }
  }

  /** Pauses when the slice is over: for work that is not made of instructions. */
  async breathe(): Promise<void> {
    if (this.isDue) await this.pause();
  }

  /** Lets everything else run, then starts a new slice. */
  async pause(): Promise<void> {
    this.check();
    await nextTurn();
    this.#sliceEnd = performance.now() + SLICE_MS;
    this.check();
  }
}
