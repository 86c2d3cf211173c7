const FIRST_MS = 100;
const LONGEST_MS = 10_000;

/** How long to wait before the next attempt: doubled each time, and spread so that many do not come back at once. */
export class Backoff {
  readonly #random: () => number;
  #next = FIRST_MS;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds: between half of the present step and the whole. */
  next(): number {
    const step = this.#next;
    this.#next = Math.min(step * 2, LONGEST_MS);
    return step / 2 + this.#random() * step / 2;
  }

  /** It worked: start over. */
  reset(): void {
    this.#next = FIRST_MS;
  }
}
