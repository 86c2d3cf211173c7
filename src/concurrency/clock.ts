/** The longest delay that setTimeout keeps, milliseconds; a longer one fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** A callback that has yet to be called. */
export interface Timer {
  /** Forgets the callback; does nothing once it was called. */
  cancel(): void;
  /** Lets the process end while the timer runs. */
  unref(): void;
}

/** Time as a part of the program sees it, so that a test can give it another. */
export interface Clock {
  /** Milliseconds that only grow, from any start. */
  now(): number;
  /** Calls back after `delayMs` milliseconds, however many. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

class SystemTimer implements Timer {
  readonly #due: number;
  readonly #callback: () => void;
  #id: ReturnType<typeof setTimeout> | undefined;
  #keepsProcess = true;

  constructor(delayMs: number, callback: () => void) {
    this.#due = performance.now() + delayMs;
    this.#callback = callback;
    this.#arm();
  }

  cancel(): void {
    clearTimeout(this.#id);
  }

  unref(): void {
    this.#keepsProcess = false;
    if (this.#id !== undefined) Deno.unrefTimer(this.#id);
  }

  #arm(): void {
    const left = this.#due - performance.now();
    if (left <= MAX_DELAY_MS) this.#id = setTimeout(this.#callback, Math.ceil(left));
    else this.#id = setTimeout(() => this.#arm(), MAX_DELAY_MS);
    if (!this.#keepsProcess) Deno.unrefTimer(this.#id);
  }
}

/** The clock of the machine. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  setTimer: (delayMs, callback) => new SystemTimer(delayMs, callback),
};

/** Resolves after `delayMs` milliseconds of `clock`; rejects with the signal's reason when it is aborted before. */
export function sleep(
  delayMs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted === true) return Promise.reject(signal.reason);
  const stop = () => {
    timer.cancel();
    reject(signal?.reason);
  };
  const timer = clock.setTimer(delayMs, () => {
    signal?.removeEventListener("abort", stop);
    resolve();
  });
  signal?.addEventListener("abort", stop, { once: true });
  return promise;
}
