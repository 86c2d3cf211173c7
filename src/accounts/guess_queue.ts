interface Waiting {
  /** Returns the rank; the lowest goes first. It is read each time, because it may change while a guess waits. */
  readonly rank: () => number;
  readonly admit: () => void;
}

/** Checks one guess at a time; of the waiting ones, the one with the lowest rank is next, then the one that came first. */
export class GuessQueue {
  readonly #waiting: Waiting[] = [];
  #isTaken = false;

  /** Runs `check` alone; rejects with the signal's reason when the caller is gone before. */
  async run<T>(
    check: () => Promise<T>,
    { rank, signal }: { readonly rank: () => number; readonly signal: AbortSignal | undefined },
  ): Promise<T> {
    signal?.throwIfAborted();
    if (this.#isTaken) await this.#wait(rank, signal);
    this.#isTaken = true;
    try {
      return await check();
    } finally {
      this.#next();
    }
  }

  #wait(rank: () => number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const admit = () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    const entry = { rank, admit };
    const leave = () => {
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", leave, { once: true });
    this.#waiting.push(entry);
    return promise;
  }

  #next(): void {
    let best: Waiting | undefined;
    let lowest = Infinity;
    for (const waiting of this.#waiting) {
      const rank = waiting.rank();
      if (rank < lowest) [best, lowest] = [waiting, rank];
    }
    if (best === undefined) {
      this.#isTaken = false;
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(best), 1);
    best.admit();
  }
}
