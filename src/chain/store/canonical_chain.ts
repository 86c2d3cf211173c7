import type { BlockRecord } from "./block_record.ts";
import type { ReservedRange } from "./reserved_range.ts";

interface PlacedRange {
  readonly range: ReservedRange;
  /** How many blocks the ranges below it stand for. */
  readonly before: bigint;
}

/** The canonical blocks by number: each block that was sealed, and the ranges of empty ones between them. */
export class CanonicalChain {
  readonly first: bigint;
  readonly #records: BlockRecord[] = [];
  readonly #ranges: PlacedRange[] = [];

  /** `first` is the number of the lowest block. */
  constructor(first: bigint) {
    this.first = first;
  }

  /** The range that a number falls into. */
  rangeAt(number: bigint): ReservedRange | undefined {
    const range = this.#rangeBelow(number)?.range;
    return range === undefined || range.last < number ? undefined : range;
  }

  /** The block that was sealed as the n-th, counted from 0. */
  record(place: number): BlockRecord | undefined {
    return this.#records[place];
  }

  at(number: bigint): BlockRecord | null {
    if (number < this.first) return null;
    const below = this.#rangeBelow(number);
    if (below !== undefined && number <= below.range.last) return below.range.at(number);
    return this.#records[this.#index(number, below)] ?? null;
  }

  /** Puts a block on top; answers its place among those that were sealed. */
  push(record: BlockRecord): number {
    return this.#records.push(record) - 1;
  }

  pushRange(range: ReservedRange): void {
    const last = this.#ranges.at(-1);
    this.#ranges.push({ range, before: last === undefined ? 0n : last.before + last.range.count });
  }

  /** Takes off everything above a number, the newest first; a range in the middle of which it falls is cut there. */
  popAbove(number: bigint): (BlockRecord | ReservedRange)[] {
    const popped: (BlockRecord | ReservedRange)[] = [];
    for (;;) {
      const record = this.#records.at(-1);
      const placed = this.#ranges.at(-1);
      const isRange = placed !== undefined && (record === undefined || placed.range.first > record.number);
      if (isRange) {
        const { range } = placed;
        if (range.last <= number) return popped;
        this.#ranges.pop();
        popped.push(range);
        if (range.first <= number) this.pushRange(range.upTo(number));
      } else {
        if (record === undefined || record.number <= number) return popped;
        this.#records.pop();
        popped.push(record);
      }
    }
  }

  /** The blocks from a number up, a range as one item. */
  *segmentsFrom(number: bigint): Generator<BlockRecord | ReservedRange> {
    let at = number < this.first ? this.first : number;
    for (;;) {
      const below = this.#rangeBelow(at);
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

  /** The highest range that starts at or below a number. */
  #rangeBelow(number: bigint): PlacedRange | undefined {
    const ranges = this.#ranges;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle]?.range.first ?? 0n) <= number) low = middle + 1;
      else high = middle;
    }
    return ranges[low - 1];
  }
}
