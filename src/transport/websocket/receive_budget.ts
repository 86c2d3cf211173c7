/** A message that has begun and not ended. */
export interface Unfinished {
  /** Closes its connection, because the memory is needed. */
  abandon(): void;
}

/** Smaller messages are not counted: every connection may have one. */
export const UNCOUNTED_BYTES = 64 * 1024;
const DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * Bounds the memory of the unfinished messages of all connections together. When it is used up, the connection with the
 * oldest unfinished message is closed: that of a peer that never ends its message, not of one that sends quickly.
 */
export class ReceiveBudget {
  readonly #limit: number;
  /** In the order in which they began to be counted. */
  readonly #held = new Map<Unfinished, number>();
  #bytes = 0;

  constructor(limit = DEFAULT_LIMIT_BYTES) {
    this.#limit = limit;
  }

  /** The bytes that are counted now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts `bytes` in all for a message. */
  hold(message: Unfinished, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(message) ?? 0);
    this.#held.set(message, bytes);
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#limit) return;
      // A single message is bounded by the limit of a message, whatever the budget is.
      if (oldest === message && this.#held.size === 1) return;
      this.release(oldest);
      oldest.abandon();
      if (oldest === message) return;
    }
  }

  release(message: Unfinished): void {
    this.#bytes -= this.#held.get(message) ?? 0;
    this.#held.delete(message);
  }
}
