import type { PoolReads } from "../pool/pool.ts";
import type { PoolEntry } from "../pool/pool_entry.ts";
import type { ChainEvents } from "./events.ts";

/** Emits each transaction once, when it becomes executable. */
export class Announcements {
  readonly #pool: PoolReads;
  readonly #events: ChainEvents;
  /** The transactions that subscribers have been notified of. */
  readonly #announced = new WeakSet<PoolEntry>();

  constructor(pool: PoolReads, events: ChainEvents) {
    this.#pool = pool;
    this.#events = events;
  }

  /** Emits a transaction that was pooled, and those that it has made executable. */
  from({ sender, transaction }: PoolEntry): void {
    for (const entry of this.#pool.executableFrom(sender, transaction.nonce)) this.#announce(entry);
  }

  /** Emits all transactions that have become executable. */
  all(): void {
    for (const { pending } of this.#pool.accounts()) for (const entry of pending) this.#announce(entry);
  }

  /** Takes those that are executable now for emitted: an earlier process did it. */
  skip(): void {
    for (const { pending } of this.#pool.accounts()) for (const entry of pending) this.#announced.add(entry);
  }

  #announce(entry: PoolEntry): void {
    if (this.#announced.has(entry)) return;
    this.#announced.add(entry);
    this.#events.pending(entry);
  }
}
