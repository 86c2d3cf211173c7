import { isObject, type JsonSchema, kindOf, type Read, TypeMismatch, ValueError } from "../../rpc/schema.ts";
import type { Codec } from "./codec.ts";

type Fields = { readonly [name: string]: Codec<unknown> };

/** Each field that was there and not null. */
export type StructValue<F extends Fields> = { readonly [K in keyof F]?: Read<F[K]> };

export interface StructOptions<F extends Fields> {
  /** The package-qualified Go type, for values that are no object at all: `ethapi.TransactionArgs`. */
  readonly type: string;
  /** Fields without which the object is refused (gencodec's `required`). */
  readonly required?: readonly (keyof F & string)[];
  /** Go's field name where it differs from the JSON name. */
  readonly goNames?: { readonly [K in keyof F]?: string };
  /** The type has a generated UnmarshalJSON of its own, so Go's errors name the struct around it instead. */
  readonly decodesItself?: boolean;
}

/**
 * Makes a codec that reads an object as Go's decoder fills a struct of pointers: unknown fields are ignored, null is
 * absent, names match exactly or else in any case, and errors name the struct and the field.
 */
export function struct<const F extends Fields>(fields: F, options: StructOptions<F>): Codec<StructValue<F>> {
  const names = new Map<string, string>();
  for (const name of Object.keys(fields)) {
    names.set(name, name);
    names.set(name.toLowerCase(), name);
  }
  const structName = options.type.slice(options.type.lastIndexOf(".") + 1);
  const errorName = options.decodesItself === true ? "" : structName;

  function readField(name: string, value: unknown): unknown {
    try {
      return fields[name]?.read(value);
    } catch (error) {
      throw inField(error, { struct: errorName, name: options.goNames?.[name] ?? name });
    }
  }

  return {
    json: describe(fields, options.required ?? []),
    read(given) {
      const value = given === null ? {} : given;
      if (!isObject(value)) throw new TypeMismatch(kindOf(value), options.type);
      const result: Record<string, unknown> = {};
      for (const [key, item] of Object.entries(value)) {
        const name = names.get(key) ?? names.get(key.toLowerCase());
        if (name === undefined) continue;
        if (item === null) delete result[name];
        else result[name] = readField(name, item);
      }
      for (const name of options.required ?? []) {
        if (result[name] === undefined) throw new ValueError(`missing required field '${name}' for ${structName}`);
      }
      return result as StructValue<F>;
    },
    write(value) {
      const entries = Object.entries(fields).flatMap(([name, codec]) => {
        const item = value[name];
        return item === undefined ? [] : [[name, codec.write(item)] as const];
      });
      return Object.fromEntries(entries);
    },
  };
}

/**
 * Adds a field to a mismatch on its way up. Go names the innermost struct that has no decoder of its own, and the whole
 * path from the outermost (encoding/json/decode.go, addErrorContext); a path that starts with a dot waits for its struct.
 */
function inField(error: unknown, place: { struct: string; name: string }): unknown {
  if (!(error instanceof TypeMismatch)) return error;
  if (error.field === undefined) return new TypeMismatch(error.found, error.goType, `${place.struct}.${place.name}`);
  const dot = error.field.indexOf(".");
  const struct = dot === 0 ? place.struct : error.field.slice(0, dot);
  return new TypeMismatch(error.found, error.goType, `${struct}.${place.name}${error.field.slice(dot)}`);
}

function describe(fields: Fields, required: readonly string[]): JsonSchema {
  const properties = Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, schema.json]));
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}
