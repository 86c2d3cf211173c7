import type { RawJson } from "../rpc/raw_json.ts";
import type { Hash } from "../eth/types.ts";
import type { BlockEvent } from "../events/types.ts";

/** Canonical blocks with their logs and receipts: a node forgets what it abandons, and the gateway must tell of it. */
export const RING_BLOCKS = 512;
/** Abandoned blocks, for subscribers who resume from one. */
const ABANDONED_BLOCKS = 256;

/** The newest blocks that the gateway told of, and those that it took back. */
export class ChainRing {
  readonly #byNumber = new Map<bigint, BlockEvent>();
  readonly #canonical = new Map<Hash, BlockEvent>();
  readonly #abandoned = new Map<Hash, BlockEvent>();
  readonly #transactions = new Map<Hash, { readonly block: BlockEvent; readonly json: RawJson }>();
  #head: BlockEvent | null = null;

  /** The block told last; null before the first. */
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

  /** A canonical block. */
  canonical(hash: Hash): BlockEvent | null {
    return this.#canonical.get(hash) ?? null;
  }

  /** A block that is or was canonical. */
  of(hash: Hash): BlockEvent | null {
    return this.#canonical.get(hash) ?? this.#abandoned.get(hash) ?? null;
  }

  /** The canonical block that holds a transaction; null when it is not among those kept with their receipts. */
  locate(transactionHash: Hash): BlockEvent | null {
    return this.#transactions.get(transactionHash)?.block ?? null;
  }

  /** The receipt of a transaction of a canonical block. */
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

  /** Takes the head off and answers it; the last block stays. */
  removeHead(): BlockEvent {
    const removed = this.#head;
    const parent = removed === null ? null : this.at(removed.number - 1n);
    if (removed === null || parent === null) throw new Error("the parent of the head is not kept");
    this.#byNumber.delete(removed.number);
    this.#canonical.delete(removed.hash);
    this.#abandoned.set(removed.hash, removed);
    this.#unindex(removed);
    if (this.#abandoned.size > ABANDONED_BLOCKS) {
      for (const oldest of this.#abandoned.keys()) {
        this.#abandoned.delete(oldest);
        break;
      }
    }
    this.#head = parent;
    return removed;
  }

  /** Forgets everything: what comes next does not follow from what was told. */
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
