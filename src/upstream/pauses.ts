import type { Clock } from "../concurrency/clock.ts";
import type { Upstream } from "./upstream.ts";

/** The first pause of an upstream that is busy and names no time, and the longest that pauses grow to, milliseconds. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

interface Pause {
  readonly until: number;
  /** The length of the next pause, milliseconds. */
  readonly next: number;
}

/**
 * The upstreams that refused because they are asked too often, and for how long they are left alone: as long as they say, or
 * a time that doubles with each refusal after a pause and halves with each answer. So the rate of questions settles near what
 * an upstream takes.
 */
export class Pauses {
  readonly #clock: Clock;
  readonly #pauses = new Map<Upstream, Pause>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isPaused(upstream: Upstream): boolean {
    return (this.#pauses.get(upstream)?.until ?? 0) > this.#clock.now();
  }

  /** Notes that an upstream is busy; `retryAfterMs` is the time that it names. */
  busy(upstream: Upstream, retryAfterMs: number | undefined): void {
    const now = this.#clock.now();
    const { until = 0, next = FIRST_PAUSE_MS } = this.#pauses.get(upstream) ?? {};
    if (retryAfterMs !== undefined) this.#pauses.set(upstream, { until: now + retryAfterMs, next });
    // The refusals of calls that were under way together are one.
    else if (until <= now) {
      this.#pauses.set(upstream, { until: now + next, next: Math.min(next * 2, LONGEST_PAUSE_MS) });
    }
  }

  /** Notes that an upstream answered. */
  answered(upstream: Upstream): void {
    const pause = this.#pauses.get(upstream);
    if (pause === undefined || pause.until > this.#clock.now()) return;
    if (pause.next <= FIRST_PAUSE_MS) this.#pauses.delete(upstream);
    else this.#pauses.set(upstream, { ...pause, next: pause.next / 2 });
  }
}
