/** Gives a permit back; calling it again does nothing. */
export type Release = () => void;

/** Lets a bounded number of tasks run at a time. The others wait in the order in which they came. */
export class Semaphore {
  readonly #permits: number;
  readonly #queue = new Set<() => void>();
  #taken = 0;

  constructor(permits: number) {
    this.#permits = permits;
  }

  /** How many tasks wait for a permit. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Resolves with a permit, as the function that gives it back. Rejects with the signal's reason when the signal is
   * aborted before; the caller then has left the queue.
   */
  async acquire(signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted();
    if (this.#taken < this.#permits) this.#taken++;
    else await this.#wait(signal);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.#release();
    };
  }

  /** Runs `work` with a permit and gives the permit back when the work has ended, however it ended. */
  async run<T>(work: () => Promise<T> | T, signal?: AbortSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      this.#queue.delete(admit);
      reject(signal?.reason);
    };
    const admit = () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    this.#queue.add(admit);
    signal?.addEventListener("abort", leave, { once: true });
    return promise;
  }

  /** The permit goes to the first in the queue, so that no newcomer can take it in between. */
  #release(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#taken--;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}
