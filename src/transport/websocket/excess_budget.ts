const DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024;

/** Counts the bytes that wait on all connections together above the send buffer of each. */
export class ExcessBudget {
  readonly limit: number;
  #bytes = 0;

  constructor(limit = DEFAULT_LIMIT_BYTES) {
    this.limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a change. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** True while more may be added. */
  get hasRoom(): boolean {
    return this.#bytes <= this.limit;
  }
}
