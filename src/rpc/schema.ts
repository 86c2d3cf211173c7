/** A JSON Schema fragment, as OpenRPC embeds it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * The shape of a JSON value: reads an unknown value into a typed one, and describes itself.
 * `read` throws {@link ValueError} with geth's wording; the dispatcher adds which argument it was.
 */
export interface Schema<T> {
  read(value: unknown): T;
  readonly json: JsonSchema;
}

/** A value that does not have the shape; the message is the part after `invalid argument N: `. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}
