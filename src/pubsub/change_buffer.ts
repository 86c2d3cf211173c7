import type { RawJson } from "../rpc/raw_json.ts";

/** A ring buffer of the changes that a polling filter has not been asked for, and the number of those that it dropped. */
export class ChangeBuffer {
  readonly #limit: number;
  #items: RawJson[] = [];
  /** The index of the oldest item once the ring is full. */
  #oldest = 0;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(item: RawJson): void {
    if (this.#items.length < this.#limit) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#oldest] = item;
    this.#oldest = (this.#oldest + 1) % this.#limit;
    this.#dropped++;
  }

  /** Returns how many items were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Returns all items, oldest first, and empties the buffer. */
  take(): RawJson[] {
    const items = [...this.#items.slice(this.#oldest), ...this.#items.slice(0, this.#oldest)];
    this.#items = [];
    this.#oldest = 0;
    return items;
  }
}
