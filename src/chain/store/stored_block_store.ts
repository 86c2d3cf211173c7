import type { Hash, LogCriteria } from "../../eth/types.ts";
import { decodeLogSources } from "./block_codec.ts";
import { BlockRecord, type RecentBlocks } from "./block_record.ts";
import type { BlockSource, StoredBlock } from "./block_source.ts";
import type { BlockSpan, BlockStore, Location, Segment, Unwound } from "./block_store.ts";
import { logKeysOf } from "./index_keys.ts";
import { LogSearch } from "./log_search.ts";
import { Ranges } from "./ranges.ts";
import { RecordCache } from "./record_cache.ts";
import { decodeRlp } from "../../primitives/rlp.ts";
import type { ReservedRange } from "./reserved_range.ts";
import { FRESH_ROWS, StoredIndex } from "./stored_index.ts";

/** A chain on disk: of its blocks only the lately used ones are in memory. */
export class StoredBlockStore implements BlockStore {
  readonly genesis: BlockRecord;
  readonly #source: BlockSource;
  readonly #recent: RecentBlocks;
  readonly #ranges = new Ranges();
  readonly #cache = new RecordCache();
  readonly #index: StoredIndex;
  /** The highest canonical block that is not of a range. */
  #top: BlockRecord;
  #head: BlockRecord;

  constructor(
    source: BlockSource,
    { recent, ranges = [], abandoned = [], freshRows = FRESH_ROWS }: {
      readonly recent: RecentBlocks;
      /** The canonical ranges of empty blocks, ascending. */
      readonly ranges?: readonly ReservedRange[];
      /** Those that left the chain, the oldest first. */
      readonly abandoned?: readonly ReservedRange[];
      /** The newest blocks are put into the indexes on disk when they make so many rows. */
      readonly freshRows?: number;
    },
  ) {
    this.#source = source;
    this.#recent = recent;
    this.genesis = new BlockRecord(source.first(), recent);
    const last = source.last();
    this.#top = last.hash === this.genesis.hash ? this.genesis : new BlockRecord(last, recent);
    for (const range of ranges) this.#ranges.push(range);
    for (const range of abandoned) this.#ranges.restoreAbandoned(range);
    const highest = ranges.at(-1);
    this.#head = highest === undefined || highest.last < this.#top.number ? this.#top : highest.at(highest.last);
    this.#index = new StoredIndex(source.index, freshRows);
    for (const { id, hashes, receipts } of source.unindexed(source.index.indexedTo)) {
      this.#index.add({ id, hashes, logKeys: logKeysOf(decodeLogSources(decodeRlp(receipts.toHex()))) });
    }
  }

  get head(): BlockRecord {
    return this.#head;
  }

  at(number: bigint): BlockRecord | null {
    if (number > this.#head.number) return null;
    const range = this.#ranges.at(number);
    if (range !== undefined) return range.at(number);
    if (number === this.#top.number) return this.#top;
    const known = number === this.genesis.number ? this.genesis : this.#cache.at(number);
    if (known !== undefined) return known;
    const stored = this.#source.at(number);
    return stored === undefined ? null : this.#canonicalRecord(stored);
  }

  of(hash: Hash): BlockRecord | null {
    const known = this.#known(hash);
    if (known !== undefined) return known;
    const range = this.rangeOf(hash);
    const number = range?.numberOf(hash);
    if (range !== null && number !== undefined) return range.at(number);
    const stored = this.#source.of(hash);
    if (stored === undefined) return null;
    const record = new BlockRecord(stored, this.#recent);
    this.#cache.add(record);
    return record;
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
    for (const { id, index } of this.#index.places(hash)) {
      const record = this.#canonical(id);
      if (record?.hashes[index] === hash) return { record, index };
    }
    return null;
  }

  *segmentsFrom(number: bigint): Generator<Segment> {
    let at = number < this.genesis.number ? this.genesis.number : number;
    while (at <= this.#head.number) {
      const range = this.#ranges.at(at);
      if (range !== undefined) {
        yield range;
        at = range.last + 1n;
        continue;
      }
      const record = this.at(at);
      if (record === null) return;
      yield record;
      at++;
    }
  }

  withLogs(criteria: LogCriteria, { from, to }: BlockSpan): Iterable<BlockRecord | undefined> | null {
    const search = LogSearch.of(this.#index, criteria);
    return search === null ? null : this.#found(search, { from, to });
  }

  append(record: BlockRecord): void {
    const id = this.#source.idOf(record.hash);
    if (id === undefined) throw new Error(`block ${record.hash} was not written before it was appended`);
    record.keepIn(this.#source.bytesOf(id));
    this.#cache.addCanonical(record);
    this.#top = this.#head = record;
    const logs = record.header.gasUsed === 0n ? [] : record.receipts().flatMap((receipt) => receipt.logs);
    this.#index.add({ id, hashes: record.hashes, logKeys: logKeysOf(logs) });
    this.#index.flush();
  }

  reserve(range: ReservedRange): void {
    this.#ranges.push(range);
    this.#head = range.at(range.last);
  }

  unwindTo(number: bigint): Unwound {
    if (number < this.genesis.number) throw new Error("the genesis block cannot be removed");
    const removed: Segment[] = [];
    const forgotten: Segment[] = [];
    for (;;) {
      const { last } = this.#ranges;
      if (last !== undefined && last.first > this.#top.number) {
        const popped = this.#ranges.popAbove(number);
        if (popped === undefined) break;
        removed.push(popped.range);
        forgotten.push(...popped.forgotten);
      } else {
        if (this.#top.number <= number) break;
        removed.push(this.#top);
        this.#top = this.#sealedBelow(this.#top);
      }
    }
    this.#cache.dropNumbersAbove(number);
    this.#index.removeAbove(this.#source.idOf(this.#top.hash) ?? 0);
    const range = this.#ranges.at(number);
    this.#head = range === undefined ? this.#top : range.at(number);
    return { removed, forgotten };
  }

  /** The block below one that is not of a range itself. On disk the block above may be abandoned already. */
  #sealedBelow(record: BlockRecord): BlockRecord {
    let hash = record.header.parentHash;
    for (let range = this.rangeOf(hash); range !== null; range = this.rangeOf(hash)) {
      hash = range.at(range.first).header.parentHash;
    }
    const below = this.of(hash);
    if (below === null) throw new Error(`block ${hash}, the parent of block ${record.number}, is missing`);
    return below;
  }

  *#found(search: LogSearch, { from, to }: BlockSpan): Generator<BlockRecord | undefined> {
    const first = this.#source.idFrom(from);
    const last = this.#source.idUpTo(to);
    if (first === undefined || last === undefined) return;
    for (const id of search.ids({ from: first, to: last })) yield id === undefined ? undefined : this.#canonical(id);
  }

  #canonical(id: number): BlockRecord | undefined {
    const stored = this.#source.canonical(id);
    return stored === undefined ? undefined : this.#canonicalRecord(stored);
  }

  #canonicalRecord(stored: StoredBlock): BlockRecord {
    const record = this.#known(stored.hash) ?? new BlockRecord(stored, this.#recent);
    this.#cache.addCanonical(record);
    return record;
  }

  /** A record that is in memory: there is one object of each block that is in use. */
  #known(hash: Hash): BlockRecord | undefined {
    if (hash === this.#top.hash) return this.#top;
    return hash === this.genesis.hash ? this.genesis : this.#cache.of(hash);
  }
}
