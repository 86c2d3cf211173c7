import type { Hash } from "../../eth/types.ts";
import type { BlockRecord } from "./block_record.ts";
import { BlockLogIndex } from "./block_log_index.ts";
import { CanonicalChain } from "./canonical_chain.ts";
import { prefixOf, type ReservedRange } from "./reserved_range.ts";

/** The place of a mined transaction. */
export interface Location {
  readonly record: BlockRecord;
  readonly index: number;
}

/** A block, or a range of empty ones. */
export type Segment = BlockRecord | ReservedRange;

/** A block's place among those that were sealed and a transaction's index in one number, exact for 2^37 blocks. */
const INDEX_BITS = 65_536;
/** How many blocks that left the canonical chain stay readable by hash, and how many ranges. */
const MAX_ABANDONED_BLOCKS = 1024;
const MAX_ABANDONED_RANGES = 16;

/** The blocks as others see them: they read them. */
export type BlockReads = Omit<BlockStore, "append" | "reserve" | "unwindTo">;

/** The canonical chain, what left it lately, and the indexes into both. */
export class BlockStore {
  readonly #canonical: CanonicalChain;
  readonly #byHash = new Map<Hash, BlockRecord>();
  readonly #ranges = new Map<string, ReservedRange>();
  readonly #transactions = new Map<Hash, number>();
  readonly #abandoned = new Set<BlockRecord>();
  readonly #abandonedRanges = new Set<ReservedRange>();
  readonly logs = new BlockLogIndex();
  #head: BlockRecord;

  constructor(genesis: BlockRecord) {
    this.#head = genesis;
    this.#canonical = new CanonicalChain(genesis.number);
    this.append(genesis);
  }

  get head(): BlockRecord {
    return this.#head;
  }

  get genesis(): BlockRecord {
    return this.#canonical.at(this.#canonical.first) ?? this.#head;
  }

  /** The canonical block of a number. */
  at(number: bigint): BlockRecord | null {
    return this.#canonical.at(number);
  }

  /** A block by hash, canonical or lately abandoned. */
  of(hash: Hash): BlockRecord | null {
    const record = this.#byHash.get(hash);
    if (record !== undefined) return record;
    const range = this.rangeOf(hash);
    const number = range?.numberOf(hash);
    return range === null || number === undefined ? null : range.at(number);
  }

  /** The range that a hash is of; null for a block of its own. */
  rangeOf(hash: Hash): ReservedRange | null {
    const range = this.#ranges.get(prefixOf(hash));
    return range?.numberOf(hash) === undefined ? null : range;
  }

  isCanonical(record: BlockRecord): boolean {
    return this.at(record.number)?.hash === record.hash;
  }

  parentOf(record: BlockRecord): BlockRecord | null {
    return this.of(record.header.parentHash);
  }

  /** The canonical place of a mined transaction. */
  locate(hash: Hash): Location | null {
    const packed = this.#transactions.get(hash);
    if (packed === undefined) return null;
    const record = this.#canonical.record(Math.floor(packed / INDEX_BITS));
    return record === undefined ? null : { record, index: packed % INDEX_BITS };
  }

  /** The canonical chain from a number up, a range of empty blocks as one item. */
  segmentsFrom(number: bigint): Iterable<Segment> {
    return this.#canonical.segmentsFrom(number);
  }

  /** Makes `record` the head: one step, so that no reader sees half of it. */
  append(record: BlockRecord): void {
    const place = this.#canonical.push(record);
    this.#byHash.set(record.hash, record);
    this.#abandoned.delete(record);
    record.hashes.forEach((hash, index) => this.#transactions.set(hash, place * INDEX_BITS + index));
    this.logs.add(record);
    this.#head = record;
  }

  /** Puts a range of empty blocks on top of the head. */
  reserve(range: ReservedRange): void {
    this.#canonical.pushRange(range);
    this.#ranges.set(range.prefix, range);
    this.#abandonedRanges.delete(range);
    this.#head = range.at(range.last);
  }

  /**
   * Takes off what is above a number, which stays readable by hash for a while. Answers the blocks that
   * were taken off, the newest first, and those that can no longer be read.
   */
  unwindTo(number: bigint): { readonly removed: readonly Segment[]; readonly forgotten: readonly Segment[] } {
    const removed = this.#canonical.popAbove(number);
    const head = this.at(number);
    if (head === null) throw new Error("the genesis block cannot be removed");
    this.#head = head;
    const forgotten: Segment[] = [];
    for (const segment of removed) {
      if ("last" in segment) {
        this.#abandonedRanges.add(segment);
        for (const oldest of evict(this.#abandonedRanges, MAX_ABANDONED_RANGES)) {
          if (this.#ranges.get(oldest.prefix) !== oldest) continue;
          const kept = this.#canonical.rangeAt(oldest.first);
          if (kept?.prefix === oldest.prefix) this.#ranges.set(kept.prefix, kept);
          else {
            this.#ranges.delete(oldest.prefix);
            forgotten.push(oldest);
          }
        }
        continue;
      }
      for (const hash of segment.hashes) this.#transactions.delete(hash);
      this.logs.remove(segment);
      this.#abandoned.add(segment);
      for (const oldest of evict(this.#abandoned, MAX_ABANDONED_BLOCKS)) {
        // The same block may have been sealed again since.
        if (this.#byHash.get(oldest.hash) !== oldest) continue;
        this.#byHash.delete(oldest.hash);
        forgotten.push(oldest);
      }
    }
    return { removed, forgotten };
  }
}

/** Takes the oldest items out of a set that is larger than `limit`. */
function evict<T>(items: Set<T>, limit: number): T[] {
  const evicted: T[] = [];
  for (const item of items) {
    if (items.size <= limit) break;
    items.delete(item);
    evicted.push(item);
  }
  return evicted;
}
