import type { BlockRecord } from "./block_record.ts";
import type { Segment, Unwound } from "./block_store.ts";
import type { PlacedRange, Ranges } from "./ranges.ts";

/** The canonical blocks by number: each block that was sealed, and the ranges of empty ones between them. */
export class CanonicalChain {
  readonly first: bigint;
  readonly #records: BlockRecord[] = [];
  readonly #ranges: Ranges;

  /** `first` is the number of the lowest block. */
  constructor(first: bigint, ranges: Ranges) {
    this.first = first;
    this.#ranges = ranges;
  }

  /** The block that was sealed as the n-th, counted from 0. */
  record(place: number): BlockRecord | undefined {
    return this.#records[place];
  }

  at(number: bigint): BlockRecord | null {
    if (number < this.first) return null;
    const below = this.#ranges.below(number);
    if (below !== undefined && number <= below.range.last) return below.range.at(number);
    return this.#records[this.#index(number, below)] ?? null;
  }

  /** Puts a block on top; answers its place among those that were sealed. */
  push(record: BlockRecord): number {
    return this.#records.push(record) - 1;
  }

  /** Takes off everything above a number, the newest first; a range in the middle of which it falls is cut there. */
  popAbove(number: bigint): Unwound {
    const removed: Segment[] = [];
    const forgotten: Segment[] = [];
    for (;;) {
      const record = this.#records.at(-1);
      const { last } = this.#ranges;
      if (last !== undefined && (record === undefined || last.first > record.number)) {
        const popped = this.#ranges.popAbove(number);
        if (popped === undefined) break;
        removed.push(popped.range);
        forgotten.push(...popped.forgotten);
      } else {
        if (record === undefined || record.number <= number) break;
        this.#records.pop();
        removed.push(record);
      }
    }
    return { removed, forgotten };
  }

  /** The blocks from a number up, a range as one item. */
  *segmentsFrom(number: bigint): Generator<Segment> {
    let at = number < this.first ? this.first : number;
    for (;;) {
      const below = this.#ranges.below(at);
      if (below !== undefined && at <= below.range.last) {
        yield below.range;
        at = below.range.last + 1n;
        continue;
      }
      const record = this.#records[this.#index(at, below)];
      if (record === undefined) return;
      yield record;
      at++;
    }
  }

  #index(number: bigint, below: PlacedRange | undefined): number {
    const reserved = below === undefined ? 0n : below.before + below.range.count;
    return Number(number - this.first - reserved);
  }
}
