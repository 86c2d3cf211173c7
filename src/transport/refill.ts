import { setImmediate } from "node:timers";

/** Something with a backlog that the runtime may by now have room for. */
export interface Refillable {
  /** Hands over what fits. */
  refill(): { readonly moved: boolean; readonly done: boolean };
}

/** Turns of the event loop without progress (about 3 us each, measured) before the refiller starts to sleep. */
const SPIN_TURNS = 64;
const FIRST_SLEEP_MS = 1;
const LONGEST_SLEEP_MS = 32;

/**
 * Looks after every connection that has a backlog, and costs nothing while there is none. Deno's WebSocket has no drain
 * event, so the only way to learn that a window has room is to ask `bufferedAmount`: first on each turn of the event
 * loop, which is when the runtime writes, then at growing distances.
 */
export class Refiller {
  readonly #waiting = new Set<Refillable>();
  #scheduled = false;
  #idleTurns = 0;

  add(connection: Refillable): void {
    this.#waiting.add(connection);
    this.#idleTurns = 0;
    if (!this.#scheduled) this.#schedule();
  }

  remove(connection: Refillable): void {
    this.#waiting.delete(connection);
  }

  #schedule(): void {
    this.#scheduled = true;
    if (this.#idleTurns < SPIN_TURNS) {
      setImmediate(() => this.#turn());
      return;
    }
    const sleeps = this.#idleTurns - SPIN_TURNS;
    setTimeout(() => this.#turn(), Math.min(FIRST_SLEEP_MS * 2 ** Math.min(sleeps, 10), LONGEST_SLEEP_MS));
  }

  #turn(): void {
    this.#scheduled = false;
    let moved = false;
    for (const connection of this.#waiting) {
      const result = connection.refill();
      moved ||= result.moved;
      if (result.done) this.#waiting.delete(connection);
    }
    this.#idleTurns = moved ? 0 : this.#idleTurns + 1;
    if (this.#waiting.size > 0) this.#schedule();
  }
}
