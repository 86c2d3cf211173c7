import { setImmediate } from "node:timers";
import { type Clock, SYSTEM_CLOCK } from "../../concurrency/clock.ts";

/** A connection whose queued messages the runtime may now have room for. */
export interface Pollable {
  /** Sends as many queued messages as fit. */
  poll(): { readonly moved: boolean; readonly done: boolean };
}

/** Passes of the event loop without progress (about 3 us each, measured) after which the poller begins to pause. */
const MAX_IDLE_PASSES = 64;
const FIRST_SLEEP_MS = 1;
const LONGEST_SLEEP_MS = 32;

/** The parts of the event loop that the poller uses; tests inject their own. */
export interface PollerLoop extends Pick<Clock, "setTimer"> {
  /** Calls `work` on the next pass of the event loop. */
  nextPass(work: () => void): void;
}

const SYSTEM_LOOP: PollerLoop = { setTimer: SYSTEM_CLOCK.setTimer, nextPass: (work) => void setImmediate(work) };

/**
 * Polls every connection of the runtime that has a backlog, and costs nothing while there is none. Deno's WebSocket has no
 * drain event: `bufferedAmount` is the only sign that a window has room. It is read on each pass of the event loop at
 * first, because the runtime writes between two passes, and then at growing intervals.
 */
export class BackpressurePoller {
  readonly #loop: PollerLoop;
  readonly #waiting = new Set<Pollable>();
  #scheduled = false;
  #idlePasses = 0;

  constructor(loop = SYSTEM_LOOP) {
    this.#loop = loop;
  }

  add(connection: Pollable): void {
    this.#waiting.add(connection);
    this.#idlePasses = 0;
    if (!this.#scheduled) this.#schedule();
  }

  remove(connection: Pollable): void {
    this.#waiting.delete(connection);
  }

  #schedule(): void {
    this.#scheduled = true;
    if (this.#idlePasses < MAX_IDLE_PASSES) return this.#loop.nextPass(() => this.#pass());
    const sleeps = this.#idlePasses - MAX_IDLE_PASSES;
    this.#loop.setTimer(Math.min(FIRST_SLEEP_MS * 2 ** Math.min(sleeps, 10), LONGEST_SLEEP_MS), () => this.#pass());
  }

  #pass(): void {
    this.#scheduled = false;
    let moved = false;
    for (const connection of this.#waiting) {
      const result = connection.poll();
      moved ||= result.moved;
      if (result.done) this.#waiting.delete(connection);
    }
    this.#idlePasses = moved ? 0 : this.#idlePasses + 1;
    if (this.#waiting.size > 0) this.#schedule();
  }
}
