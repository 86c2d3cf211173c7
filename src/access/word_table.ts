import { beginningOf } from "../rpc/principal.ts";

/** Values by words, the form of which is that of `Rights`: the longest word that covers a method decides. */
export class WordTable<T> {
  readonly #exact: ReadonlyMap<string, T>;
  /** The longest first. */
  readonly #beginnings: readonly (readonly [beginning: string, value: T])[];

  constructor(rows: readonly (readonly [word: string, value: T])[]) {
    this.#exact = new Map(rows.filter(([word]) => beginningOf(word) === undefined));
    this.#beginnings = rows.flatMap(([word, value]) => {
      const beginning = beginningOf(word);
      return beginning === undefined ? [] : [[beginning, value] as const];
    }).toSorted(([one], [other]) => other.length - one.length);
  }

  find(method: string): T | undefined {
    const exact = this.#exact.get(method);
    if (exact !== undefined) return exact;
    return this.#beginnings.find(([beginning]) => method.startsWith(beginning))?.[1];
  }
}
