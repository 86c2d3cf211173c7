import type { Pooled } from "./pooled.ts";

interface Head {
  readonly pooled: Pooled;
  readonly tip: bigint;
  readonly rest: readonly Pooled[];
}

/**
 * The executable transactions in the order in which a miner takes them: the best effective tip first, earlier arrivals
 * first among equals, nonces of one sender in order (geth's TransactionsByPriceAndNonce).
 */
export class ByPriceAndNonce {
  /** Sorted by what is taken last: the next one is at the end. */
  readonly #heads: Head[] = [];
  readonly #baseFee: bigint;

  constructor(bySender: Iterable<readonly Pooled[]>, baseFee: bigint | undefined) {
    this.#baseFee = baseFee ?? 0n;
    for (const transactions of bySender) this.#push(transactions);
  }

  peek(): Pooled | null {
    return this.#heads.at(-1)?.pooled ?? null;
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

  #push(transactions: readonly Pooled[]): void {
    const [pooled, ...rest] = transactions;
    if (pooled === undefined) return;
    const { gasFeeCap, gasTipCap } = pooled.transaction;
    // Below the base fee nothing of this sender can be mined now.
    if (gasFeeCap < this.#baseFee) return;
    const room = gasFeeCap - this.#baseFee;
    const head = { pooled, tip: gasTipCap < room ? gasTipCap : room, rest };
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
  return one.tip === other.tip ? one.pooled.arrival < other.pooled.arrival : one.tip > other.tip;
}
