import type { Clock } from "./clock.ts";

/** A rate, and the amount that may come at once after a quiet time. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What sums of fractions may be off by: a caller that waited as long as it was told is never told to wait again for that. */
const ROUNDING = 1e-6;

/** A token bucket: it is filled at a steady rate up to its burst, and what is admitted takes from it. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Clock;
  #tokens: number;
  #countedAt: number;

  /** Begins full. */
  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#countedAt = clock.now();
  }

  /**
   * Returns the milliseconds until `weight` can be taken, 0 for now. A weight above the burst needs a full bucket, because it
   * could never be taken otherwise.
   */
  waitMs(weight: number): number {
    const { perSecond, burst } = this.#rate;
    const missing = Math.min(weight, burst) - this.#count();
    return missing <= ROUNDING ? 0 : Math.ceil(missing * 1000 / perSecond);
  }

  /** Takes `weight`, whether or not there is so much: a bucket in debt has to be filled for longer. */
  take(weight: number): void {
    this.#tokens = this.#count() - weight;
  }

  /** Takes `weight` and returns 0, or takes nothing and returns the milliseconds until it can be taken. */
  tryTake(weight: number): number {
    const wait = this.waitMs(weight);
    if (wait === 0) this.take(Math.min(weight, this.#rate.burst));
    return wait;
  }

  #count(): number {
    const { perSecond, burst } = this.#rate;
    const now = this.#clock.now();
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#countedAt) * perSecond / 1000);
    this.#countedAt = now;
    return this.#tokens;
  }
}
