import type { Clock } from "../concurrency/clock.ts";
import { serverError } from "../rpc/error.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import { type Question, Router, type RouterOptions } from "./router.ts";

/** How long nothing must be asked until nothing more will be: work that asks again and again does so within this time. */
const QUIET_MS = 1_000;

/** A router that can be taken out of use without harm to what is under way. */
export class RetiringRouter extends Router {
  readonly #clock: Clock;
  #underWay = 0;
  #lastAt = 0;
  #isClosed = false;

  constructor(options: RouterOptions) {
    super(options);
    this.#clock = options.clock;
  }

  override async ask(question: Question): Promise<RawJson> {
    if (this.#isClosed) throw serverError("the chain was reset while this call was under way");
    this.#underWay++;
    try {
      return await super.ask(question);
    } finally {
      this.#underWay--;
      this.#lastAt = this.#clock.now();
    }
  }

  /** Calls `close` once nothing has been asked for a while. Later questions are refused. */
  retire(close: () => void): void {
    const timer = this.#clock.setTimer(QUIET_MS, () => {
      const isQuiet = this.#underWay === 0 && this.#clock.now() - this.#lastAt >= QUIET_MS;
      if (!isQuiet && !this.#isClosed) return this.retire(close);
      this.#isClosed = true;
      close();
    });
    timer.unref();
  }

  /** Refuses every question from now on. */
  close(): void {
    this.#isClosed = true;
  }
}
