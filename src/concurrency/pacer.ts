import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { type TimeSlices, timeSlices } from "./time_slices.ts";

/** A run was ended from outside: its deadline passed, or its caller is gone. */
export class RunAborted extends Error {
  override readonly name = "RunAborted";
  readonly timedOut: boolean;

  constructor(timedOut: boolean) {
    super(timedOut ? "execution timed out" : "execution aborted");
    this.timedOut = timedOut;
  }
}

export interface PacerOptions {
  /** `clock.now()` at which the run ends; none when absent. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  readonly slices?: TimeSlices;
}

/** Watches one run: gives way when the slice is over, and ends the run at its deadline or when its caller is gone. */
export class Pacer {
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #clock: Clock;
  readonly #slices: TimeSlices;
  /** Called each time before the run pauses. */
  onPause: (() => void) | undefined;

  constructor({ deadline = Infinity, signal, clock = SYSTEM_CLOCK, slices = timeSlices }: PacerOptions = {}) {
    this.#deadline = deadline;
    this.#signal = signal;
    this.#clock = clock;
    this.#slices = slices;
  }

  /** True when the run should pause. */
  get isDue(): boolean {
    return this.#slices.isOver;
  }

  /** Throws {@link RunAborted} when the run must end. */
  check(): void {
    if (this.#signal?.aborted === true) throw new RunAborted(false);
    if (this.#clock.now() >= this.#deadline) throw new RunAborted(true);
  }

  /** Pauses when the slice is over. */
  async breathe(): Promise<void> {
    if (this.isDue) await this.pause();
  }

  /** Lets everything else run, then goes on in a new slice. */
  async pause(): Promise<void> {
    this.check();
    this.onPause?.();
    await this.#slices.pause();
    this.check();
  }

  /** Waits for work on another thread, no longer than the run may last; the work is told by its signal when to end. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.check();
    this.onPause?.();
    const ended = new AbortController();
    const end = () => ended.abort(new RunAborted(this.#signal?.aborted !== true));
    const remaining = this.#deadline - this.#clock.now();
    const timer = remaining === Infinity ? undefined : this.#clock.setTimer(remaining, end);
    this.#signal?.addEventListener("abort", end, { once: true });
    try {
      return await work(ended.signal);
    } finally {
      timer?.cancel();
      this.#signal?.removeEventListener("abort", end);
    }
  }
}
