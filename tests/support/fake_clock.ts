import type { Clock, Timer } from "../../src/concurrency/clock.ts";

interface Pending {
  readonly due: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #settle: () => Promise<void>;
  #now = 0;
  readonly #pending = new Set<Pending>();

  /** `settle` lets what a timer has set off come to its end. */
  constructor(settle: () => Promise<void> = settled) {
    this.#settle = settle;
  }

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const pending = { due: this.#now + Math.max(0, delayMs), callback };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending), unref: () => {} };
  }

  /** How many timers have yet to fire. */
  get timers(): number {
    return this.#pending.size;
  }

  /** Lets time pass; timers fire in the order in which they are due, each with what follows it. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await this.#settle();
    for (;;) {
      const [next] = [...this.#pending].sort((one, other) => one.due - other.due);
      if (next === undefined || next.due > end) break;
      this.#pending.delete(next);
      this.#now = next.due;
      next.callback();
      await this.#settle();
    }
    this.#now = end;
  }
}

/** Lets promises settle that wait for nothing but each other; quicker than {@link settled} where thousands of steps are run. */
export async function settledPromises(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await undefined;
}

/** Lets every promise that can settle now, settle. */
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
