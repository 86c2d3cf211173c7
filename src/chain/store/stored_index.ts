import type { Hash } from "../../eth/types.ts";
import type { BlockIndex, TransactionPlace } from "./block_source.ts";
import { FreshIndex, type IndexedBlock, IndexFlush } from "./fresh_index.ts";
import { transactionKey } from "./index_keys.ts";

/** The newest blocks stay in memory until they make so many rows: the more, the fewer pages are written for each. */
export const FRESH_ROWS = 8_192;
/** Ids that are read at once. */
const READ_IDS = 64;

/** Where transactions and logs are, by the ids of blocks: the index on disk and the entries that are not there yet. */
export class StoredIndex {
  readonly #disk: BlockIndex;
  readonly #freshRows: number;
  #fresh = new FreshIndex();
  /** Entries that are being written. */
  #flush: IndexFlush | null = null;

  constructor(disk: BlockIndex, freshRows: number) {
    this.#disk = disk;
    this.#freshRows = freshRows;
  }

  add(block: IndexedBlock): void {
    // A block that comes back to the chain may be there already.
    if (block.id > this.#disk.indexedTo && block.id > (this.#flush?.entries.last ?? 0)) this.#fresh.add(block);
  }

  /** Writes a part of what is due: more than a block adds, so that it gets done. */
  flush(): void {
    if (this.#flush === null) {
      if (this.#fresh.rows < this.#freshRows) return;
      this.#flush = new IndexFlush(this.#fresh);
      this.#fresh = new FreshIndex();
    }
    if (this.#flush.write(this.#disk, this.#fresh.rows)) this.#flush = null;
  }

  /** Forgets entries of the blocks above an id that are not on disk. */
  removeAbove(id: number): void {
    this.#fresh.removeAbove(id);
    this.#flush?.entries.removeAbove(id);
  }

  /** Where a transaction may be, the newest first. */
  *places(hash: Hash): Generator<TransactionPlace> {
    for (const entries of [this.#fresh, this.#flush?.entries]) {
      const place = entries?.placeOf(hash);
      if (place !== undefined) yield place;
    }
    yield* this.#disk.places(transactionKey(hash));
  }

  /** Reads the ids of blocks that may have logs with a key. */
  logIds(key: number): LogIds {
    const disk = this.#disk;
    return new LogIds({
      indexedTo: () => disk.indexedTo,
      read: (from) => disk.logIds(key, { from, to: disk.indexedTo, limit: READ_IDS }),
      fresh: (from) => this.#flush?.entries.logIdFrom(key, from) ?? this.#fresh.logIdFrom(key, from),
    });
  }
}

interface IdReads {
  /** The id up to which blocks are on disk. */
  readonly indexedTo: () => number;
  readonly read: (from: number) => readonly number[];
  readonly fresh: (from: number) => number | undefined;
}

/** The ids of blocks that may have logs with one key, to be asked for in ascending order. */
export class LogIds {
  readonly #reads: IdReads;
  #ids: readonly number[] = [];
  #next = 0;
  /** There are no more ids on disk up to this one. Entries move there while a search goes on. */
  #readTo = -1;

  constructor(reads: IdReads) {
    this.#reads = reads;
  }

  /** The lowest id from `from` up; undefined when there is none. */
  from(from: number): number | undefined {
    for (;;) {
      for (; this.#next < this.#ids.length; this.#next++) {
        const id = this.#ids[this.#next];
        if (id !== undefined && id >= from) return id;
      }
      const indexedTo = this.#reads.indexedTo();
      if (this.#readTo >= indexedTo) return this.#reads.fresh(from);
      this.#ids = this.#reads.read(from);
      this.#next = 0;
      if (this.#ids.length === 0) this.#readTo = indexedTo;
    }
  }
}
