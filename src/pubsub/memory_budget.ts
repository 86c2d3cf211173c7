import { limitError } from "../rpc/error.ts";

export interface MemoryLimits {
  /** Bytes of one connection. */
  readonly perConnection: number;
  /** Bytes of all connections together. */
  readonly total: number;
}

export interface MemoryBudgetOptions extends MemoryLimits {
  /** What takes the memory, for the texts of errors. */
  readonly what: string;
}

/** Counts memory that clients make this process keep, and refuses what is beyond a limit. */
export class MemoryBudget {
  readonly #options: MemoryBudgetOptions;
  readonly #taken = new Map<number, number>();
  #total = 0;

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
  }

  /** The bytes that are taken. */
  get total(): number {
    return this.#total;
  }

  /** Takes `bytes` for a connection; the returned function gives them back, once. Throws -32005 beyond a limit. */
  take(connection: number, bytes: number): () => void {
    if (bytes === 0) return () => {};
    const { perConnection, total, what } = this.#options;
    const own = (this.#taken.get(connection) ?? 0) + bytes;
    if (own > perConnection) throw limitError(`too many bytes of ${what} on this connection`, perConnection, own);
    if (this.#total + bytes > total) throw limitError(`too many bytes of ${what}`, total, this.#total + bytes);
    this.#add(connection, bytes);
    let isTaken = true;
    return () => {
      if (isTaken) this.#add(connection, -bytes);
      isTaken = false;
    };
  }

  #add(connection: number, bytes: number): void {
    const own = (this.#taken.get(connection) ?? 0) + bytes;
    if (own > 0) this.#taken.set(connection, own);
    else this.#taken.delete(connection);
    this.#total += bytes;
  }
}
