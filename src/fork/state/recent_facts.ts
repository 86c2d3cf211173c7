/**
 * Facts that can be asked for again, so that the oldest may be forgotten. They are kept in two halves: what is read moves into
 * the younger one, and when that is full, the older one is forgotten. So a fact stays for as long as it is read now and then.
 */
export class RecentFacts<K, V> {
  readonly #halfBytes: number;
  readonly #bytesOf: (value: V) => number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #youngBytes = 0;

  /** `bytesOf` estimates the memory of one fact. */
  constructor(maxBytes: number, bytesOf: (value: V) => number) {
    this.#halfBytes = maxBytes / 2;
    this.#bytesOf = bytesOf;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old === undefined) return undefined;
    this.#old.delete(key);
    this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    if (this.#youngBytes >= this.#halfBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    if (!this.#young.has(key)) this.#youngBytes += this.#bytesOf(value);
    this.#young.set(key, value);
  }
}
