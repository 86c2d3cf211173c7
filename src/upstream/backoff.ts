const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** The delay before the next attempt: it doubles each time, and is random so that many clients do not return at once. */
export class Backoff {
  readonly #random: () => number;
  #next = FIRST_MS;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Returns the next delay in milliseconds: between half of the present step and the whole. */
  next(): number {
    const step = this.#next;
    this.#next = Math.min(step * 2, LONGEST_MS);
    return step / 2 + this.#random() * step / 2;
  }

  /** Returns to the first step; called after a success. */
  reset(): void {
    this.#next = FIRST_MS;
  }
}
