/** What can be dropped from memory and read again. */
export interface Cached {
  /** Set by each use, cleared by the cache. */
  isUsed: boolean;
  /** Lets go of it. */
  drop(): void;
}

/**
 * Keeps what was used lately within a number of bytes. Its rule is "clock": going around, it drops what was not used since
 * it last came by. A use is then one assignment, where a list in the order of use would cost a look-up each.
 */
export class NodeCache {
  readonly #maxBytes: number;
  readonly #items: { readonly item: Cached; readonly bytes: number }[] = [];
  #bytes = 0;
  #hand = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How much is held, bytes, estimated. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes in what was just read and holds about `bytes` of memory; something else may have to go. */
  add(item: Cached, bytes: number): void {
    item.isUsed = true;
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes && this.#items.length > 1) this.#step();
  }

  /** Drops everything. */
  clear(): void {
    for (const { item } of this.#items) item.drop();
    this.#items.length = 0;
    this.#bytes = 0;
    this.#hand = 0;
  }

  #step(): void {
    if (this.#hand >= this.#items.length) this.#hand = 0;
    const at = this.#items[this.#hand];
    if (at === undefined) return;
    if (at.item.isUsed) {
      at.item.isUsed = false;
      this.#hand++;
      return;
    }
    at.item.drop();
    this.#bytes -= at.bytes;
    const last = this.#items.pop();
    if (last !== undefined && last !== at) this.#items[this.#hand] = last;
  }
}
