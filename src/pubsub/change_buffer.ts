import type { RawJson } from "../rpc/raw_json.ts";

/** The memory of an item that filters share, and of the place of any item, bytes. */
const PLACE_BYTES = 16;
/** Below this many spent places the array is left as it is. */
const SPENT_BEFORE_COMPACTION = 256;

interface Change {
  readonly item: RawJson;
  readonly bytes: number;
}

/** The changes that a polling filter has not been asked for, and the number of those that it dropped, oldest first. */
export class ChangeBuffer {
  readonly #limit: number;
  #changes: Change[] = [];
  #first = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of changes. */
  get size(): number {
    return this.#changes.length - this.#first;
  }

  /** The memory that is counted for the changes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a change; a shared one is kept once for all filters that hold it. */
  push(item: RawJson, { shared }: { readonly shared: boolean }): void {
    const bytes = PLACE_BYTES + (shared ? 0 : item.text.length);
    this.#changes.push({ item, bytes });
    this.#bytes += bytes;
    if (this.size > this.#limit) this.#dropOldest();
  }

  /** Drops the oldest changes until the others fit into `bytes`. */
  trim(bytes: number): void {
    while (this.#bytes > bytes && this.#first < this.#changes.length) this.#dropOldest();
  }

  /** Returns how many items were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Returns all items, oldest first, and empties the buffer. */
  take(): RawJson[] {
    const items = this.#changes.slice(this.#first).map(({ item }) => item);
    [this.#changes, this.#first, this.#bytes] = [[], 0, 0];
    return items;
  }

  #dropOldest(): void {
    this.#bytes -= this.#changes[this.#first]?.bytes ?? 0;
    this.#first++;
    this.#dropped++;
    if (this.#first < SPENT_BEFORE_COMPACTION || this.#first * 2 < this.#changes.length) return;
    this.#changes = this.#changes.slice(this.#first);
    this.#first = 0;
  }
}
