import type { Interest } from "../events/mod.ts";
import type { Subscriber } from "./subscriber.ts";

/** Counts how many subscribers read each part of an event. */
export class InterestCount {
  #blocks = 0;
  #headers = 0;
  #logs = 0;
  #receipts = 0;
  #hashes = 0;
  #whole = 0;

  add(subscriber: Subscriber): void {
    this.#count(subscriber, 1);
  }

  delete(subscriber: Subscriber): void {
    this.#count(subscriber, -1);
  }

  /** The parts that at least one of them reads. */
  get interest(): Interest {
    return {
      blocks: this.#blocks > 0,
      headers: this.#headers > 0,
      logs: this.#logs > 0,
      receipts: this.#receipts > 0,
      pending: this.#whole > 0 ? "whole" : this.#hashes > 0 ? "hashes" : "none",
    };
  }

  #count(subscriber: Subscriber, by: 1 | -1): void {
    switch (subscriber.kind) {
      case "heads":
        this.#blocks += by;
        if (subscriber.headers) this.#headers += by;
        break;
      case "logs":
        this.#logs += by;
        break;
      case "receipts":
        this.#receipts += by;
        break;
      case "pending":
        if (subscriber.whole) this.#whole += by;
        else this.#hashes += by;
        break;
      default:
        // A new kind of subscriber has to be counted here.
        subscriber satisfies never;
    }
  }
}
