import type { Hash, LogCriteria } from "../../eth/types.ts";
import type { BlockRecord } from "./block_record.ts";
import { BlockLogIndex } from "./block_log_index.ts";
import {
  type BlockSpan,
  type BlockStore,
  type Location,
  MAX_ABANDONED_BLOCKS,
  type Segment,
  type Unwound,
} from "./block_store.ts";
import { CanonicalChain } from "./canonical_chain.ts";
import { Ranges } from "./ranges.ts";
import type { ReservedRange } from "./reserved_range.ts";

/** A block's place among those that were sealed and a transaction's index in one number, exact for 2^37 blocks. */
const INDEX_BITS = 65_536;

/** A chain whose blocks are all in memory. */
export class MemoryBlockStore implements BlockStore {
  readonly #ranges = new Ranges();
  readonly #canonical: CanonicalChain;
  readonly #byHash = new Map<Hash, BlockRecord>();
  readonly #transactions = new Map<Hash, number>();
  readonly #abandoned = new Set<BlockRecord>();
  readonly #logs = new BlockLogIndex();
  #head: BlockRecord;

  constructor(genesis: BlockRecord) {
    this.#head = genesis;
    this.#canonical = new CanonicalChain(genesis.number, this.#ranges);
    this.append(genesis);
  }

  get head(): BlockRecord {
    return this.#head;
  }

  get genesis(): BlockRecord {
    return this.#canonical.at(this.#canonical.first) ?? this.#head;
  }

  at(number: bigint): BlockRecord | null {
    return this.#canonical.at(number);
  }

  of(hash: Hash): BlockRecord | null {
    const record = this.#byHash.get(hash);
    if (record !== undefined) return record;
    const range = this.rangeOf(hash);
    const number = range?.numberOf(hash);
    return range === null || number === undefined ? null : range.at(number);
  }

  rangeOf(hash: Hash): ReservedRange | null {
    return this.#ranges.of(hash);
  }

  isCanonical(record: BlockRecord): boolean {
    return this.at(record.number)?.hash === record.hash;
  }

  parentOf(record: BlockRecord): BlockRecord | null {
    return this.of(record.header.parentHash);
  }

  locate(hash: Hash): Location | null {
    const packed = this.#transactions.get(hash);
    if (packed === undefined) return null;
    const record = this.#canonical.record(Math.floor(packed / INDEX_BITS));
    return record === undefined ? null : { record, index: packed % INDEX_BITS };
  }

  segmentsFrom(number: bigint): Iterable<Segment> {
    return this.#canonical.segmentsFrom(number);
  }

  withLogs(criteria: LogCriteria, { from, to }: BlockSpan): Iterable<BlockRecord> | null {
    const numbers = this.#logs.candidates(criteria, { from: Number(from), to: Number(to) });
    return numbers === null ? null : this.#recordsAt(numbers);
  }

  append(record: BlockRecord): void {
    const place = this.#canonical.push(record);
    this.#byHash.set(record.hash, record);
    this.#abandoned.delete(record);
    record.hashes.forEach((hash, index) => this.#transactions.set(hash, place * INDEX_BITS + index));
    this.#logs.add(record);
    this.#head = record;
  }

  reserve(range: ReservedRange): void {
    this.#ranges.push(range);
    this.#head = range.at(range.last);
  }

  unwindTo(number: bigint): Unwound {
    const { removed, forgotten } = this.#canonical.popAbove(number);
    const head = this.at(number);
    if (head === null) throw new Error("the genesis block cannot be removed");
    this.#head = head;
    const gone: Segment[] = [...forgotten];
    for (const segment of removed) {
      if ("last" in segment) continue;
      for (const hash of segment.hashes) this.#transactions.delete(hash);
      this.#logs.remove(segment);
      this.#abandoned.add(segment);
      for (const oldest of this.#abandoned) {
        if (this.#abandoned.size <= MAX_ABANDONED_BLOCKS) break;
        this.#abandoned.delete(oldest);
        // The same block may have been sealed again since.
        if (this.#byHash.get(oldest.hash) !== oldest) continue;
        this.#byHash.delete(oldest.hash);
        gone.push(oldest);
      }
    }
    return { removed, forgotten: gone };
  }

  *#recordsAt(numbers: readonly number[]): Generator<BlockRecord> {
    for (const number of numbers) {
      const record = this.at(BigInt(number));
      if (record !== null) yield record;
    }
  }
}
