import type { Handed } from "../crypto/heavy.ts";
import { ExecutionAborted } from "./halt.ts";
import { isTurnDue, turn } from "./turns.ts";

/** Watches one run: gives the loop its turns, and ends the run when its time is over or nobody wants it any more. */
export class Pacer {
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  /** Called when the run stands back for the first time; may be called again. */
  onPause: (() => void) | undefined;

  constructor(limits: { readonly deadline?: number | undefined; readonly signal?: AbortSignal | undefined }) {
    this.#deadline = limits.deadline ?? Infinity;
    this.#signal = limits.signal;
  }

  /** True when the slice is over. */
  get isDue(): boolean {
    return isTurnDue();
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
    this.onPause?.();
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
    }
  }

  /** Pauses when the slice is over: for work that is not made of instructions. */
  async breathe(): Promise<void> {
    if (this.isDue) await this.pause();
  }

  /** Lets everything else run, then starts a new slice. */
  async pause(): Promise<void> {
    this.check();
    this.onPause?.();
    await turn();
    this.check();
  }
}
