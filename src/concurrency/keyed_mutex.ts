import { Mutex } from "./mutex.ts";

interface Entry {
  readonly mutex: Mutex;
  /** Tasks that run or wait. */
  tasks: number;
}

/** Lets one task run at a time for each key. Keys without tasks take no memory. */
export class KeyedMutex {
  readonly #entries = new Map<string, Entry>();

  /** Runs `work` when all earlier tasks of `key` have ended, however they ended. */
  async run<T>(key: string, work: () => Promise<T> | T): Promise<T> {
    const entry = this.#entries.get(key) ?? { mutex: new Mutex(), tasks: 0 };
    this.#entries.set(key, entry);
    entry.tasks++;
    try {
      return await entry.mutex.run(work);
    } finally {
      if (--entry.tasks === 0) this.#entries.delete(key);
    }
  }
}
