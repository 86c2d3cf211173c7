import type { Hash } from "../../eth/types.ts";
import type { BlockRecord } from "./block_record.ts";
import { BlockLogIndex } from "./block_log_index.ts";

/** Where a mined transaction is. */
export interface Location {
  readonly record: BlockRecord;
  readonly index: number;
}

/** How many blocks that left the canonical chain stay readable by hash. */
const MAX_ABANDONED_BLOCKS = 1024;
/** A block's number and a transaction's index in one number, exact up to block 2^37. */
const INDEX_BITS = 65_536;

/** What others may do with the blocks: read them. */
export type BlockReads = Omit<BlockStore, "append" | "removeHead">;

/** The canonical chain, what left it lately, and the indexes into both. */
export class BlockStore {
  readonly #canonical: BlockRecord[] = [];
  readonly #first: bigint;
  readonly #byHash = new Map<Hash, BlockRecord>();
  readonly #transactions = new Map<Hash, number>();
  readonly #abandoned = new Set<BlockRecord>();
  readonly logs = new BlockLogIndex();
  #head: BlockRecord;

  constructor(genesis: BlockRecord) {
    this.#first = genesis.number;
    this.#head = genesis;
    this.append(genesis);
  }

  get head(): BlockRecord {
    return this.#head;
  }

  get genesis(): BlockRecord {
    return this.#canonical[0] ?? this.#head;
  }

  /** The canonical block of a number. */
  at(number: bigint): BlockRecord | null {
    if (number < this.#first || number > this.#head.number) return null;
    return this.#canonical[Number(number - this.#first)] ?? null;
  }

  /** A block by hash, canonical or lately abandoned. */
  of(hash: Hash): BlockRecord | null {
    return this.#byHash.get(hash) ?? null;
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
    const record = this.#canonical[Math.floor(packed / INDEX_BITS)];
    return record === undefined ? null : { record, index: packed % INDEX_BITS };
  }

  /** Makes `record` the head: one step, so that no reader sees half of it. */
  append(record: BlockRecord): void {
    const position = this.#canonical.length;
    this.#canonical.push(record);
    this.#byHash.set(record.hash, record);
    this.#abandoned.delete(record);
    record.hashes.forEach((hash, index) => this.#transactions.set(hash, position * INDEX_BITS + index));
    this.logs.add(record);
    this.#head = record;
  }

  /** Takes the head off, which stays readable by hash for a while; `forgotten` are the blocks that no longer are. */
  removeHead(): { readonly removed: BlockRecord; readonly forgotten: readonly BlockRecord[] } {
    const removed = this.#head;
    const below = this.#canonical[this.#canonical.length - 2];
    if (below === undefined) throw new Error("the genesis block cannot be removed");
    this.#canonical.pop();
    for (const hash of removed.hashes) this.#transactions.delete(hash);
    this.logs.remove(removed);
    this.#head = below;
    this.#abandoned.add(removed);
    return { removed, forgotten: this.#forgetOldest() };
  }

  #forgetOldest(): BlockRecord[] {
    const [oldest] = this.#abandoned;
    if (oldest === undefined || this.#abandoned.size <= MAX_ABANDONED_BLOCKS) return [];
    this.#abandoned.delete(oldest);
    // The same block may have been sealed again since.
    if (this.#byHash.get(oldest.hash) !== oldest) return [];
    this.#byHash.delete(oldest.hash);
    return [oldest];
  }
}
