import { isObject, type JsonSchema, kindOf, type Schema, TypeMismatch, ValueError } from "./schema.ts";

/** One member of an object that may be absent or null; the reader then leaves it out. */
export interface OptionalField<T> {
  readonly field: Schema<T>;
  readonly optional: true;
}

type Field = Schema<unknown> | OptionalField<unknown>;

type OptionalKeys<F> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];

/** The typed object that {@link object} reads. */
export type ObjectOf<F> =
  & { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: F[K] extends Schema<infer T> ? T : never }
  & { readonly [K in OptionalKeys<F>]?: F[K] extends OptionalField<infer T> ? T : never };

export interface ObjectOptions {
  /** True to refuse members that no field names. */
  closed?: boolean;
}

/** Marks a member of {@link object} that may be absent; null counts as absent, as a nil pointer does in Go. */
export function maybe<T>(field: Schema<T>): OptionalField<T> {
  return { field, optional: true };
}

/** Reads an object member by member; the result has no other members, so nothing unchecked passes. */
export function object<const F extends { readonly [name: string]: Field }>(
  fields: F,
  options: ObjectOptions = {},
): Schema<ObjectOf<F>> {
  const { closed = false } = options;
  const rows = Object.entries(fields).map(([name, field]) =>
    "optional" in field ? { name, schema: field.field, optional: true } : { name, schema: field, optional: false }
  );
  const known = new Set(rows.map((row) => row.name));

  function read(value: unknown): ObjectOf<F> {
    if (!isObject(value)) throw new TypeMismatch(kindOf(value), "map[string]interface {}");
    if (closed) {
      for (const name of Object.keys(value)) {
        if (!known.has(name)) throw new ValueError(`json: unknown field ${JSON.stringify(name)}`);
      }
    }
    const result: Record<string, unknown> = {};
    for (const { name, schema, optional } of rows) {
      const member = Object.hasOwn(value, name) ? value[name] : undefined;
      if (optional && (member === undefined || member === null)) continue;
      if (member === undefined) throw new ValueError(`missing required field '${name}'`);
      result[name] = schema.read(member);
    }
    return result as ObjectOf<F>;
  }

  const needed = rows.filter((row) => !row.optional).map((row) => row.name);
  return {
    read,
    json: {
      type: "object",
      properties: Object.fromEntries(rows.map((row) => [row.name, row.schema.json])),
      ...(needed.length === 0 ? {} : { required: needed }),
      ...(closed ? { additionalProperties: false } : {}),
    },
  };
}

/** Reads an object used as a map: every key and every value has its shape. */
export function record<K extends string, T>(
  key: Schema<K>,
  options: { value: Schema<T> },
): Schema<{ readonly [name in K]: T }> {
  const { value: member } = options;
  return {
    read(value) {
      if (!isObject(value)) throw new TypeMismatch(kindOf(value), "map[string]interface {}");
      // fromEntries defines own properties, so a key such as `__proto__` stays data.
      const entries = Object.entries(value).map(([name, item]) => [key.read(name), member.read(item)] as const);
      return Object.fromEntries(entries) as { readonly [name in K]: T };
    },
    json: { type: "object", propertyNames: key.json, additionalProperties: member.json },
  };
}

/** Reads null as null, anything else by `schema`. */
export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return {
    read: (value) => value === null ? null : schema.read(value),
    json: { oneOf: [schema.json, { type: "null" }] },
  };
}

/** Reads by the first of `schemas` that accepts; when none does, fails with `message` or the last one's error. */
export function oneOf<const S extends readonly Schema<unknown>[]>(
  schemas: S,
  options: { message?: string } = {},
): Schema<S[number] extends Schema<infer T> ? T : never> {
  type T = S[number] extends Schema<infer T> ? T : never;
  return {
    read(value) {
      let last: unknown = new ValueError("no shape is accepted here");
      for (const schema of schemas) {
        try {
          return schema.read(value) as T;
        } catch (error) {
          if (!(error instanceof ValueError)) throw error;
          last = error;
        }
      }
      throw options.message === undefined ? last : new ValueError(options.message);
    },
    json: { oneOf: schemas.map((schema) => schema.json) },
  };
}

/** Reads one of a fixed set of strings. */
export function literal<const T extends readonly string[]>(
  values: T,
  options: { message?: string } = {},
): Schema<T[number]> {
  return {
    read(value) {
      if (typeof value !== "string") throw new TypeMismatch(kindOf(value), "string");
      if (!values.includes(value)) throw new ValueError(options.message ?? `want one of ${values.join(", ")}`);
      return value;
    },
    json: { type: "string", enum: values },
  };
}

/** Reads by `schema` and changes the result into another value; `change` may throw {@link ValueError}. */
export function mapped<T, U>(schema: Schema<T>, change: (value: T) => U): Schema<U> {
  return { read: (value) => change(schema.read(value)), json: schema.json };
}

/** Adds keywords (`title`, `description`, `examples`) to what a schema says of itself. */
export function described<T>(schema: Schema<T>, keywords: JsonSchema): Schema<T> {
  return { read: (value) => schema.read(value), json: { ...schema.json, ...keywords } };
}
