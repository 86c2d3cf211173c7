import type { PoolEntry } from "./pool_entry.ts";

interface Head {
  readonly entry: PoolEntry;
  readonly tip: bigint;
  readonly rest: readonly PoolEntry[];
}

/**
 * The executable transactions in the order in which a miner takes them: the best effective tip first, earlier arrivals
 * first among equals, nonces of one sender in order (geth's TransactionsByPriceAndNonce).
 */
export class ByPriceAndNonce {
  /** Sorted by what is taken last: the next one is at the end. */
  readonly #heads: Head[] = [];
  readonly #baseFee: bigint;

  constructor(bySender: Iterable<readonly PoolEntry[]>, baseFee: bigint | undefined) {
    this.#baseFee = baseFee ?? 0n;
    for (const transactions of bySender) this.#push(transactions);
  }

  peek(): PoolEntry | null {
    return this.#heads.at(-1)?.entry ?? null;
  }

  /** Goes on to the sender's next one. */
  shift(): void {
    const head = this.#heads.pop();
    if (head !== undefined) this.#push(head.rest);
  }

  /** Drops the sender: what follows cannot run either. */
  pop(): void {
    this.#heads.pop();
  }

  #push(transactions: readonly PoolEntry[]): void {
    const [entry, ...rest] = transactions;
    if (entry === undefined) return;
    const { gasFeeCap, gasTipCap } = entry.transaction;
    // Below the base fee nothing of this sender can be mined now.
    if (gasFeeCap < this.#baseFee) return;
    const room = gasFeeCap - this.#baseFee;
    const head = { entry, tip: gasTipCap < room ? gasTipCap : room, rest };
    let low = 0;
    let high = this.#heads.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#heads[middle];
      if (other !== undefined && before(head, other)) low = middle + 1;
      else high = middle;
    }
    this.#heads.splice(low, 0, head);
  }
}

function before(one: Head, other: Head): boolean {
  return one.tip === other.tip ? one.entry.arrival < other.entry.arrival : one.tip > other.tip;
}
