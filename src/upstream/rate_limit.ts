import type { Clock } from "../concurrency/clock.ts";

/** A token bucket: it admits a number of calls per second, and as many at once after a quiet second. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #clock: Clock;
  #tokens: number;
  #countedAt: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = Math.max(perSecond, 1);
    this.#countedAt = clock.now();
  }

  /** Takes one call and returns 0; when none is left, returns the milliseconds until there is one. */
  take(): number {
    const now = this.#clock.now();
    const gained = (now - this.#countedAt) * this.#perSecond / 1000;
    this.#tokens = Math.min(this.#tokens + gained, Math.max(this.#perSecond, 1));
    this.#countedAt = now;
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * 1000 / this.#perSecond);
    this.#tokens -= 1;
    return 0;
  }
}
