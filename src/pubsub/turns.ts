/** How long replays may hold the event loop before sockets and timers get their turn, milliseconds. */
export const TURN_MS = 4;

/**
 * Hands out slices of the event loop, first come first served, to work that would otherwise hold it up. Small slices
 * share one turn; between turns the loop serves its sockets.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #end = 0;

  /** Resolves when the caller may run, until {@link over}; it then calls {@link done}. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#arm();
    });
  }

  /** True when the caller has used up the turn. */
  get over(): boolean {
    return performance.now() >= this.#end;
  }

  /** Passes what is left of the turn to the next in line. */
  done(): void {
    if (!this.over) this.#waiting.shift()?.();
    if (this.#waiting.length > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  // A zero timer, because neither setImmediate nor a MessageChannel lets the sockets in: behind chained slices of 3 ms,
  // one round trip over loopback took 390 ms and 24 s with them, and 0.3 ms with timers (measured).
  #arm(): void {
    if (this.#timer !== null || this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#end = performance.now() + TURN_MS;
      this.#waiting.shift()?.();
      this.#arm();
    }, 0);
  }
}
