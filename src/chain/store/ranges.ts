import type { Hash } from "../../eth/types.ts";
import { prefixOf, type ReservedRange } from "./reserved_range.ts";

/** How many ranges that left the canonical chain stay readable by hash. */
export const MAX_ABANDONED_RANGES = 16;

/** A canonical range, and how many blocks the ranges below it stand for. */
export interface PlacedRange {
  readonly range: ReservedRange;
  readonly before: bigint;
}

/** The ranges of empty blocks: the canonical ones by number, and the lately abandoned ones, all by hash. */
export class Ranges {
  readonly #placed: PlacedRange[] = [];
  readonly #byPrefix = new Map<string, ReservedRange>();
  readonly #abandoned = new Set<ReservedRange>();

  /** The highest canonical range. */
  get last(): ReservedRange | undefined {
    return this.#placed.at(-1)?.range;
  }

  /** The canonical range that a number falls into. */
  at(number: bigint): ReservedRange | undefined {
    const range = this.below(number)?.range;
    return range === undefined || range.last < number ? undefined : range;
  }

  /** The highest canonical range that starts at or below a number. */
  below(number: bigint): PlacedRange | undefined {
    const placed = this.#placed;
    let low = 0;
    let high = placed.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((placed[middle]?.range.first ?? 0n) <= number) low = middle + 1;
      else high = middle;
    }
    return placed[low - 1];
  }

  /** The range that a hash is of, canonical or lately abandoned; null for a block of its own. */
  of(hash: Hash): ReservedRange | null {
    const range = this.#byPrefix.get(prefixOf(hash));
    return range?.numberOf(hash) === undefined ? null : range;
  }

  /** Puts a range on top. */
  push(range: ReservedRange): void {
    this.#place(range);
    this.#byPrefix.set(range.prefix, range);
    this.#abandoned.delete(range);
  }

  /** Makes a range readable by hash that left the chain before this process began. */
  restoreAbandoned(range: ReservedRange): void {
    this.#abandoned.add(range);
    // Parts of one range have the same hashes: the longest has all that can be read.
    const known = this.#byPrefix.get(range.prefix);
    if (known === undefined || known.last < range.last) this.#byPrefix.set(range.prefix, range);
  }

  /**
   * Takes off the highest range if it reaches above a number; where it begins at or below it, the lower part stays. Answers
   * the range, and those that can no longer be read.
   */
  popAbove(
    number: bigint,
  ): { readonly range: ReservedRange; readonly forgotten: readonly ReservedRange[] } | undefined {
    const range = this.last;
    if (range === undefined || range.last <= number) return undefined;
    this.#placed.pop();
    if (range.first <= number) this.#place(range.upTo(number));
    this.#abandoned.add(range);
    const forgotten: ReservedRange[] = [];
    for (const oldest of this.#abandoned) {
      if (this.#abandoned.size <= MAX_ABANDONED_RANGES) break;
      this.#abandoned.delete(oldest);
      if (this.#byPrefix.get(oldest.prefix) !== oldest) continue;
      const kept = this.at(oldest.first);
      if (kept?.prefix === oldest.prefix) this.#byPrefix.set(kept.prefix, kept);
      else {
        this.#byPrefix.delete(oldest.prefix);
        forgotten.push(oldest);
      }
    }
    return { range, forgotten };
  }

  #place(range: ReservedRange): void {
    const last = this.#placed.at(-1);
    this.#placed.push({ range, before: last === undefined ? 0n : last.before + last.range.count });
  }
}
