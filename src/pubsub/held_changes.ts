import type { RawJson } from "../rpc/raw_json.ts";

/** What a polling filter holds between polls: the newest so many, and the count of those that made room for them. */
export class HeldChanges {
  readonly #limit: number;
  #items: RawJson[] = [];
  /** Where the oldest item is, once the list is full and is written round and round. */
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

  /** How many were dropped since this was last asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Everything held, oldest first; nothing is held afterwards. */
  take(): RawJson[] {
    const items = [...this.#items.slice(this.#oldest), ...this.#items.slice(0, this.#oldest)];
    this.#items = [];
    this.#oldest = 0;
    return items;
  }
}
