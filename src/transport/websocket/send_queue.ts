import type { Clock } from "../../concurrency/clock.ts";

/** The array is shortened only when at least so many of its entries have been taken. */
const COMPACT_AFTER = 1024;

/** A queue of messages with their sizes. Taking the first does not move the others. */
export class SendQueue {
  readonly #clock: Pick<Clock, "now">;
  #entries: { readonly text: string; readonly bytes: number; readonly since: number }[] = [];
  #head = 0;
  #bytes = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  get empty(): boolean {
    return this.#head === this.#entries.length;
  }

  /** The sum of the sizes of the messages that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The time at which the first entry was added, by the clock; undefined while nothing waits. */
  get oldest(): number | undefined {
    return this.#entries[this.#head]?.since;
  }

  push(text: string, bytes: number): void {
    this.#entries.push({ text, bytes, since: this.#clock.now() });
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
