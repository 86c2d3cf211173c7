import type { Hash } from "../../../eth/types.ts";
import type { PoolEntry } from "../../pool/pool_entry.ts";

/** The most transactions that wait outside of the pool; for further ones the client gets the pool's refusal. */
const MAX_WAITING = 1024;

/** Transactions that the pool cannot take yet, to be offered again after each block (geth's txpool/locals). */
export class Retries {
  readonly #waiting = new Map<Hash, PoolEntry>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  has(hash: Hash): boolean {
    return this.#waiting.has(hash);
  }

  /** Adds a transaction; returns false when there is no room. */
  add(entry: PoolEntry): boolean {
    if (this.#waiting.size >= MAX_WAITING) return false;
    this.#waiting.set(entry.hash, entry);
    return true;
  }

  /** Offers each once, in the order of nonces; `offer` returns false for one that has to wait longer. */
  offer(offer: (entry: PoolEntry) => boolean): void {
    const ordered = [...this.#waiting.values()]
      .sort((one, other) => one.transaction.nonce < other.transaction.nonce ? -1 : 1);
    for (const entry of ordered) if (offer(entry)) this.#waiting.delete(entry.hash);
  }
}
