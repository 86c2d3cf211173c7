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

/** The type that a schema reads. */
export type Read<S> = S extends Schema<infer T> ? T : never;

/** A value that does not have the shape; the message is the part after `invalid argument N: `. */
export class ValueError extends Error {
  override readonly name: string = "ValueError";
}

/**
 * Go's json.UnmarshalTypeError: what was found, the Go type that was wanted, and, inside a struct, which field.
 * Clients match on these texts, so a field of an object is named as Go names it (encoding/json/decode.go
 * `addErrorContext`).
 */
export class TypeMismatch extends ValueError {
  override readonly name: string = "TypeMismatch";
  readonly found: string;
  readonly goType: string;
  /** The innermost struct and the path of fields from the outermost one: `Struct.path.to.field`. */
  readonly field: string | undefined;

  constructor(found: string, goType: string, field?: string) {
    const target = field === undefined ? "value" : `struct field ${field}`;
    super(`json: cannot unmarshal ${found} into Go ${target} of type ${goType}`);
    this.found = found;
    this.goType = goType;
    this.field = field;
  }
}

/** Names the kind of a JSON value as Go's decoder does. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "number";
  return typeof value;
}

/** True for a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads a JSON string. */
export const string: Schema<string> = {
  read(value) {
    if (typeof value !== "string") throw new TypeMismatch(kindOf(value), "string");
    return value;
  },
  json: { type: "string" },
};

/** Reads true or false. */
export const boolean: Schema<boolean> = {
  read(value) {
    if (typeof value !== "boolean") throw new TypeMismatch(kindOf(value), "bool");
    return value;
  },
  json: { type: "boolean" },
};

/** Reads any JSON number; one beyond 2^53 is rounded, as Go's float64 is. */
export const number: Schema<number> = {
  read(value) {
    if (typeof value === "bigint") return Number(value);
    if (typeof value !== "number") throw new TypeMismatch(kindOf(value), "float64");
    return value;
  },
  json: { type: "number" },
};

/** Reads any value and returns it unchanged; integers beyond 2^53 are bigint. */
export const anything: Schema<unknown> = { read: (value) => value, json: {} };

export interface IntegerOptions {
  /** Inclusive; default: the smallest safe integer. */
  minimum?: number;
  /** Inclusive; default: the largest safe integer. */
  maximum?: number;
}

/** Reads a JSON number that is a whole number within bounds; one that a double cannot hold exactly is refused. */
export function integer(options: IntegerOptions = {}): Schema<number> {
  const { minimum, maximum } = options;
  const low = minimum ?? Number.MIN_SAFE_INTEGER;
  const high = maximum ?? Number.MAX_SAFE_INTEGER;
  return {
    read(value) {
      if (typeof value !== "number" && typeof value !== "bigint") throw new TypeMismatch(kindOf(value), "int");
      if (!Number.isSafeInteger(value) || Number(value) < low || Number(value) > high) {
        throw new TypeMismatch(`number ${value}`, "int");
      }
      return Number(value);
    },
    json: {
      type: "integer",
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
    },
  };
}

export interface ArrayOptions {
  minimum?: number;
  maximum?: number;
  /** Replaces the text for a list with too many or too few items. */
  lengthError?: string;
}

/** Reads a list whose items all have one shape. */
export function array<T>(item: Schema<T>, options: ArrayOptions = {}): Schema<readonly T[]> {
  const { minimum, maximum, lengthError } = options;
  return {
    read(value) {
      if (!Array.isArray(value)) throw new TypeMismatch(kindOf(value), "[]interface {}");
      if (maximum !== undefined && value.length > maximum) {
        throw new ValueError(lengthError ?? `too many items, want at most ${maximum}`);
      }
      if (minimum !== undefined && value.length < minimum) {
        throw new ValueError(lengthError ?? `too few items, want at least ${minimum}`);
      }
      return value.map((element) => item.read(element));
    },
    json: {
      type: "array",
      items: item.json,
      ...(minimum === undefined ? {} : { minItems: minimum }),
      ...(maximum === undefined ? {} : { maxItems: maximum }),
    },
  };
}
