import { dropOldest } from "./drop_oldest.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { Hash } from "../eth/types.ts";
import type { BlockEvent } from "../events/types.ts";

/** The most canonical blocks that are kept with logs and receipts: nodes drop abandoned blocks, but clients must be told of them. */
export const RING_BLOCKS = 512;
/** The most abandoned blocks that are kept, for subscribers that resume from one. */
const ABANDONED_BLOCKS = 256;

/** The newest blocks that the gateway has announced, and those that it has taken back. */
export class ChainRing {
  readonly #byNumber = new Map<bigint, BlockEvent>();
  readonly #canonical = new Map<Hash, BlockEvent>();
  readonly #abandoned = new Map<Hash, BlockEvent>();
  readonly #transactions = new Map<Hash, { readonly block: BlockEvent; readonly json: RawJson }>();
  #head: BlockEvent | null = null;

  /** The block that was announced last; null before the first. */
  get head(): BlockEvent | null {
    return this.#head;
  }

  /** The lowest number that is kept; null while empty. */
  get oldest(): bigint | null {
    return this.#head === null ? null : this.#head.number - BigInt(this.#byNumber.size) + 1n;
  }

  at(number: bigint): BlockEvent | null {
    return this.#byNumber.get(number) ?? null;
  }

  /** Returns the times of the newest blocks, seconds, oldest first. */
  timestamps(count: number): bigint[] {
    const times: bigint[] = [];
    for (let block = this.#head; block !== null && times.length < count; block = this.at(block.number - 1n)) {
      const { timestamp } = (block.header?.decode() ?? {}) as { readonly timestamp?: string };
      times.unshift(BigInt(timestamp ?? 0));
    }
    return times;
  }

  /** Returns the canonical block with a number. */
  canonical(hash: Hash): BlockEvent | null {
    return this.#canonical.get(hash) ?? null;
  }

  /** Returns a block that is or was canonical. */
  of(hash: Hash): BlockEvent | null {
    return this.#canonical.get(hash) ?? this.#abandoned.get(hash) ?? null;
  }

  /** Returns the canonical block of a transaction; null when no block that is kept with receipts has it. */
  locate(transactionHash: Hash): BlockEvent | null {
    return this.#transactions.get(transactionHash)?.block ?? null;
  }

  /** Returns the receipt of a transaction of a canonical block. */
  receipt(transactionHash: Hash): RawJson | null {
    return this.#transactions.get(transactionHash)?.json ?? null;
  }

  /** Adds a child of the head, or the first block. */
  append(block: BlockEvent): void {
    if (this.#head !== null && block.parentHash !== this.#head.hash) throw new Error("not a child of the head");
    this.#head = block;
    this.#byNumber.set(block.number, block);
    this.#canonical.set(block.hash, block);
    this.#abandoned.delete(block.hash);
    this.#index(block);
    const old = this.#byNumber.get(block.number - BigInt(RING_BLOCKS));
    if (old === undefined) return;
    this.#byNumber.delete(old.number);
    this.#canonical.delete(old.hash);
    this.#unindex(old);
  }

  get isFull(): boolean {
    return this.#byNumber.size >= RING_BLOCKS;
  }

  /** Adds the parent of the oldest block. */
  prepend(block: BlockEvent): void {
    const oldest = this.at(block.number + 1n);
    if (oldest?.parentHash !== block.hash) throw new Error("not the parent of the oldest block");
    this.#byNumber.set(block.number, block);
    this.#canonical.set(block.hash, block);
    this.#index(block);
  }

  /** Removes and returns the head; the last block stays. */
  removeHead(): BlockEvent {
    const removed = this.#head;
    const parent = removed === null ? null : this.at(removed.number - 1n);
    if (removed === null || parent === null) throw new Error("the parent of the head is not kept");
    this.#byNumber.delete(removed.number);
    this.#canonical.delete(removed.hash);
    this.#abandoned.set(removed.hash, removed);
    this.#unindex(removed);
    dropOldest(this.#abandoned, ABANDONED_BLOCKS);
    this.#head = parent;
    return removed;
  }

  /** Drops everything; called when the next block does not follow the blocks that were announced. */
  clear(): void {
    this.#head = null;
    this.#byNumber.clear();
    this.#canonical.clear();
    this.#transactions.clear();
  }

  #index(block: BlockEvent): void {
    for (const { transactionHash, json } of block.receipts ?? []) {
      this.#transactions.set(transactionHash, { block, json });
    }
  }

  #unindex(block: BlockEvent): void {
    for (const { transactionHash } of block.receipts ?? []) this.#transactions.delete(transactionHash);
  }
}
