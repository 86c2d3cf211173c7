/** Below this many spent entries the array is left as it is. */
const COMPACT_AFTER = 1024;

/** Messages in order, with their size; taking from the front costs no shift of the rest. */
export class SendQueue {
  #entries: { readonly text: string; readonly bytes: number; readonly since: number }[] = [];
  #head = 0;
  #bytes = 0;

  get empty(): boolean {
    return this.#head === this.#entries.length;
  }

  /** The sum of the sizes of what waits. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the front entry came, milliseconds of `performance.now()`; undefined while nothing waits. */
  get oldest(): number | undefined {
    return this.#entries[this.#head]?.since;
  }

  push(text: string, bytes: number): void {
    this.#entries.push({ text, bytes, since: performance.now() });
    this.#bytes += bytes;
  }

  peek(): { readonly text: string; readonly bytes: number } | undefined {
    return this.#entries[this.#head];
  }

  drop(): void {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#head++;
    if (this.#head === this.#entries.length) this.clear();
    else if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
