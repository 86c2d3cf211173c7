import type { Hash } from "../../eth/types.ts";
import type { BlockIndex, IndexRows, TransactionPlace } from "./block_source.ts";
import { transactionKey } from "./index_keys.ts";

/** What is indexed of a block. */
export interface IndexedBlock {
  readonly id: number;
  /** The hashes of its transactions. */
  readonly hashes: readonly Hash[];
  readonly logKeys: ReadonlySet<number>;
}

/** The entries of the newest blocks, which are not in the index on disk yet. */
export class FreshIndex {
  readonly #blocks: IndexedBlock[] = [];
  readonly #places = new Map<Hash, TransactionPlace>();
  readonly #logs = new Map<number, number[]>();
  #rows = 0;

  /** How many rows these entries make. */
  get rows(): number {
    return this.#rows;
  }

  /** The id of the newest block; 0 when there is none. */
  get last(): number {
    return this.#blocks.at(-1)?.id ?? 0;
  }

  add(block: IndexedBlock): void {
    const { id } = block;
    this.#blocks.push(block);
    block.hashes.forEach((hash, index) => this.#places.set(hash, { id, index }));
    for (const key of block.logKeys) {
      const ids = this.#logs.get(key);
      if (ids === undefined) this.#logs.set(key, [id]);
      else ids.push(id);
    }
    this.#rows += block.hashes.length + block.logKeys.size;
  }

  /** Forgets the blocks above an id. */
  removeAbove(id: number): void {
    for (let block = this.#blocks.at(-1); block !== undefined && block.id > id; block = this.#blocks.at(-1)) {
      this.#blocks.pop();
      for (const hash of block.hashes) if (this.#places.get(hash)?.id === block.id) this.#places.delete(hash);
      for (const key of block.logKeys) {
        const ids = this.#logs.get(key);
        ids?.pop();
        if (ids?.length === 0) this.#logs.delete(key);
      }
      this.#rows -= block.hashes.length + block.logKeys.size;
    }
  }

  placeOf(hash: Hash): TransactionPlace | undefined {
    return this.#places.get(hash);
  }

  /** The lowest id from `from` up of a block that has logs with a key. */
  logIdFrom(key: number, from: number): number | undefined {
    const ids = this.#logs.get(key) ?? [];
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ids[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return ids[low];
  }

  /** All entries, in the order of their keys: rows that lie together on disk are written together. */
  sorted(): IndexRows {
    const transactions = [...this.#places].map(([hash, place]) => ({ ...place, key: transactionKey(hash) }));
    const logs = [...this.#logs].flatMap(([key, ids]) => ids.map((id) => ({ key, id })));
    const byKey = (one: { readonly key: number }, other: { readonly key: number }) => one.key - other.key;
    return { transactions: transactions.sort(byKey), logs: logs.sort(byKey) };
  }
}

/** Rows that are written at once, in about a millisecond. */
const SLICE_ROWS = 512;

/** Writes the entries of some blocks into the index on disk, a slice at a time, so that no commit waits for long. */
export class IndexFlush {
  readonly entries: FreshIndex;
  readonly #rows: IndexRows;
  readonly #lastId: number;
  #transactions = 0;
  #logs = 0;

  constructor(entries: FreshIndex) {
    this.entries = entries;
    this.#rows = entries.sorted();
    this.#lastId = entries.last;
  }

  /** Writes at least `atLeast` rows if there are so many; answers true when all are written. */
  write(index: BlockIndex, atLeast: number): boolean {
    const count = Math.max(SLICE_ROWS, atLeast);
    const transactions = this.#rows.transactions.slice(this.#transactions, this.#transactions + count);
    const logs = this.#rows.logs.slice(this.#logs, this.#logs + count - transactions.length);
    const isDone = this.#transactions + transactions.length === this.#rows.transactions.length &&
      this.#logs + logs.length === this.#rows.logs.length;
    index.write({ transactions, logs }, isDone ? this.#lastId : undefined);
    this.#transactions += transactions.length;
    this.#logs += logs.length;
    return isDone;
  }
}
