import type { Clock } from "./clock.ts";

/** A rate, and the amount that may come at once after a quiet time. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What sums of fractions may be off by: a caller that waited as long as it was told is never told to wait again for that. */
const ROUNDING = 1e-6;

/**
 * A token bucket: it is filled at a steady rate up to its burst, and what is admitted takes from it. Whoever asks several
 * buckets may read the clock once and hand over the time, because that is most of the cost (measured).
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perMs: number;
  readonly #clock: Clock;
  #tokens: number;
  #countedAt: number;

  /** Begins full. */
  constructor({ perSecond, burst }: Rate, clock: Clock) {
    this.#burst = burst;
    this.#perMs = perSecond / 1000;
    this.#clock = clock;
    this.#tokens = burst;
    this.#countedAt = clock.now();
  }

  /**
   * Returns the milliseconds until `weight` can be taken, 0 for now. A weight above the burst needs a full bucket, because it
   * could never be taken otherwise.
   */
  waitMs(weight: number, now = this.#clock.now()): number {
    const missing = Math.min(weight, this.#burst) - this.#count(now);
    return missing <= ROUNDING ? 0 : Math.ceil(missing / this.#perMs);
  }

  /** Takes `weight`, whether or not there is so much: a bucket in debt has to be filled for longer. */
  take(weight: number, now = this.#clock.now()): void {
    this.#tokens = this.#count(now) - weight;
  }

  /** Takes `weight` and returns 0, or takes nothing and returns the milliseconds until it can be taken. */
  tryTake(weight: number): number {
    const now = this.#clock.now();
    const wait = this.waitMs(weight, now);
    if (wait === 0) this.takeAtMost(weight, now);
    return wait;
  }

  /** Takes what {@link waitMs} has found: `weight`, or the whole burst where that is less. */
  takeAtMost(weight: number, now = this.#clock.now()): void {
    this.take(Math.min(weight, this.#burst), now);
  }

  #count(now: number): number {
    if (now !== this.#countedAt) {
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#countedAt) * this.#perMs);
      this.#countedAt = now;
    }
    return this.#tokens;
  }
}
