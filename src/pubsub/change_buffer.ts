import type { RawJson } from "../rpc/raw_json.ts";
import type { LogPlace } from "./subscriber.ts";

/** The memory of a change besides its text, bytes. */
export const CHANGE_BYTES = 128;
/** Below this many spent places the array is left as it is. */
const SPENT_BEFORE_COMPACTION = 256;

export interface Change {
  readonly item: RawJson;
  /** Where a log comes from; null for what is never taken back. */
  readonly place: LogPlace | null;
  /** The bytes of all changes before this one. */
  readonly bytesBefore: number;
}

/** The newest changes of one kind, numbered in the order of their arrival; the filters that want them read it at their own pace. */
export class ChangeBuffer {
  readonly #limit: number;
  #changes: Change[] = [];
  /** The index in `#changes` of the oldest change that is kept. */
  #first = 0;
  /** The number of `#changes[0]`. */
  #base = 0;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of the oldest change that is kept. */
  get start(): number {
    return this.#base + this.#first;
  }

  /** The number that the next change gets. */
  get end(): number {
    return this.#base + this.#changes.length;
  }

  push(item: RawJson, place: LogPlace | null): void {
    this.#changes.push({ item, place, bytesBefore: this.#bytes });
    this.#bytes += CHANGE_BYTES + item.text.length;
    if (this.end - this.start > this.#limit) this.dropBelow(this.end - this.#limit);
  }

  /** Returns the memory of the changes from a number on. */
  bytesFrom(number: number): number {
    return this.#bytes - this.#bytesBefore(number);
  }

  /** Returns the number from which on the changes take at most `bytes`. */
  startOf(bytes: number): number {
    let [low, high] = [this.start, this.end];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.bytesFrom(middle) > bytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  from(number: number): readonly Change[] {
    return this.#changes.slice(Math.max(number, this.start) - this.#base);
  }

  dropBelow(number: number): void {
    this.#first = Math.max(this.#first, Math.min(number, this.end) - this.#base);
    if (this.#first < SPENT_BEFORE_COMPACTION || this.#first * 2 < this.#changes.length) return;
    this.#changes = this.#changes.slice(this.#first);
    this.#base += this.#first;
    this.#first = 0;
  }

  #bytesBefore(number: number): number {
    return this.#changes[Math.max(number, this.start) - this.#base]?.bytesBefore ?? this.#bytes;
  }
}
