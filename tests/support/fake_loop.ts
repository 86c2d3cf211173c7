import type { EventLoop } from "../../src/concurrency/time_slices.ts";
import { settled } from "./fake_clock.ts";

/** An event loop and a clock that a test moves by hand. */
export class FakeLoop implements EventLoop {
  time = 0;
  #turns: (() => void)[] = [];
  #after: (() => void)[] = [];

  nextTurn(): Promise<void> {
    return new Promise((resolve) => this.#turns.push(resolve));
  }

  afterThisTurn(callback: () => void): void {
    this.#after.push(callback);
  }

  /** Ends this turn of the loop and runs the next one, with all that follows from it. */
  async turn(): Promise<void> {
    for (const callback of this.#after.splice(0)) callback();
    for (const resolve of this.#turns.splice(0)) resolve();
    await settled();
  }
}
