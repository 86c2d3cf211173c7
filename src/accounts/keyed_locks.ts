interface Line {
  tail: Promise<void>;
  length: number;
}

/** One turn at a time for each key; who waits is served in order. */
export class KeyedLocks {
  readonly #lines = new Map<string, Line>();

  /** Runs `task` when all earlier tasks of `key` have ended, however they ended. */
  async run<T>(key: string, task: () => T | Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? { tail: Promise.resolve(), length: 0 };
    this.#lines.set(key, line);
    const before = line.tail;
    const turn = Promise.withResolvers<void>();
    line.tail = turn.promise;
    line.length++;
    try {
      await before;
      return await task();
    } finally {
      turn.resolve();
      if (--line.length === 0) this.#lines.delete(key);
    }
  }
}
