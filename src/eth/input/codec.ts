import { integer, isObject, kindOf, type Schema, TypeMismatch } from "../../rpc/schema.ts";

/**
 * A schema of a question that can also ask it: `write` encodes a value so that `read` reads the same value back. A node
 * behind a network is asked with what `write` makes.
 *
 * All codecs of this folder read as Go's decoder does. Null is the zero value of a boolean, a string, a number, a list, a
 * map and a struct; a type that decodes itself (a quantity, bytes) refuses it.
 */
export interface Codec<T> extends Schema<T> {
  /** Returns a JSON value. */
  write(value: T): unknown;
}

function same<T>(value: T): T {
  return value;
}

/** Go's `bool`. */
export const bool: Codec<boolean> = {
  json: { type: "boolean" },
  read(value) {
    if (value === null) return false;
    if (typeof value !== "boolean") throw new TypeMismatch(kindOf(value), "bool");
    return value;
  },
  write: same,
};

/** Go's `string`. */
export const text: Codec<string> = {
  json: { type: "string" },
  read(value) {
    if (value === null) return "";
    if (typeof value !== "string") throw new TypeMismatch(kindOf(value), "string");
    return value;
  },
  write: same,
};

/** Go's `float64`; a number beyond 2^53 is rounded. */
export const float64: Codec<number> = {
  json: { type: "number" },
  read(value) {
    if (value === null) return 0;
    if (typeof value === "bigint") return Number(value);
    if (typeof value !== "number") throw new TypeMismatch(kindOf(value), "float64");
    return value;
  },
  write: same,
};

const whole = integer();

/** Go's `int`, within the integers that a double holds exactly. */
export const goInt: Codec<number> = {
  json: whole.json,
  read: (value) => value === null ? 0 : whole.read(value),
  write: same,
};

/** Any value, unchanged; integers beyond 2^53 are bigints. */
export const anyJson: Codec<unknown> = { json: {}, read: same, write: same };

/** A slice, named as Go names its type. */
export function list<T>(item: Codec<T>, goType: string): Codec<readonly T[]> {
  return {
    json: { type: "array", items: item.json },
    read(value) {
      if (value === null) return [];
      if (!Array.isArray(value)) throw new TypeMismatch(kindOf(value), goType);
      return value.map((element) => item.read(element));
    },
    write: (value) => value.map((element) => item.write(element)),
  };
}

/** A map, named as Go names its type. */
export function map<K extends string, T>(
  key: Codec<K>,
  options: { readonly value: Codec<T>; readonly goType: string },
): Codec<{ readonly [name in K]: T }> {
  const { value: member, goType } = options;
  return {
    json: { type: "object", propertyNames: key.json, additionalProperties: member.json },
    read(value) {
      if (value === null) return {} as { readonly [name in K]: T };
      if (!isObject(value)) throw new TypeMismatch(kindOf(value), goType);
      // fromEntries defines own properties, so a key such as `__proto__` stays data.
      const entries = Object.entries(value).map(([name, item]) => [key.read(name), member.read(item)] as const);
      return Object.fromEntries(entries) as { readonly [name in K]: T };
    },
    write: (value) =>
      Object.fromEntries(Object.entries(value).map(([name, item]) => [name, member.write(item as T)] as const)),
  };
}

/** Turns what `codec` reads into another value, and back; `read` may throw a ValueError. */
export function converted<T, U>(
  codec: Codec<T>,
  change: { readonly read: (value: T) => U; readonly write: (value: U) => T },
): Codec<U> {
  return {
    json: codec.json,
    read: (value) => change.read(codec.read(value)),
    write: (value) => codec.write(change.write(value)),
  };
}
