type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/** How the ids of objects are spelled in a JSON text, found the slow way: V8's own parser tells each scalar's source. */
export class IdOracle {
  readonly value: unknown;
  readonly #sources = new Map<unknown, string | undefined>();

  /** Throws what JSON.parse throws. */
  constructor(text: string) {
    const sources = this.#sources;
    const reviver: SourceReviver = function (key, value, { source }) {
      if (key === "id") sources.set(this, source);
      return value;
    };
    this.value = JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
  }

  /** The text of the object's `id`; undefined when it has none, or one that is no scalar. */
  idOf(object: unknown): string | undefined {
    return this.#sources.get(object);
  }
}
