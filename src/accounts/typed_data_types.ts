import { isObject, ValueError } from "../rpc/schema.ts";
import { isAtom } from "./typed_data_atom.ts";

/** One member of a struct type. */
export interface Field {
  readonly name: string;
  readonly type: string;
}

/** The struct types of a message by name. */
export type Types = Map<string, readonly Field[]>;

/** Matches Solidity's identifiers, which EIP-712 requires: with others, two different types could have one text. */
const IDENTIFIER = /^[a-zA-Z_$][a-zA-Z0-9_$]*$/;

/** Bounds on the types of one message: the type text of a struct contains all structs that it refers to, so sizes multiply. */
const MAX_STRUCTS = 64;
const MAX_FIELDS = 512;
export const MAX_NAME_CHARACTERS = 128;

/** Reads the `types` member: every name is an identifier, every type is known, no field comes twice. */
export function readTypes(value: unknown): Types {
  if (!isObject(value)) throw new ValueError("typed data: types: want an object");
  const types: Types = new Map();
  let fieldCount = 0;
  // Object.entries would first make a list of all of them.
  for (const name in value) {
    const fields = value[name];
    if (!isIdentifier(name) || isAtom(name)) {
      throw new ValueError(`typed data: types: ${quoted(name)} is no name for a struct`);
    }
    if (!Array.isArray(fields)) throw new ValueError(`typed data: types.${name}: want an array of fields`);
    fieldCount += fields.length;
    if (types.size === MAX_STRUCTS || fieldCount > MAX_FIELDS) {
      throw new ValueError(`typed data: types: more than ${MAX_STRUCTS} structs or ${MAX_FIELDS} fields`);
    }
    types.set(name, fields.map((field, at) => readField(field, `types.${name}[${at}]`)));
  }
  for (const [name, fields] of types) checkFields(name, { fields, types });
  return types;
}

/** Returns EIP-712's encodeType: the struct, then all structs that it refers to, by name. */
export function encodeType(primary: string, types: Types): string {
  const reached = new Set([primary]);
  // A Set is read in the order of insertion, and this includes items that are added meanwhile.
  for (const name of reached) {
    for (const { type } of types.get(name) ?? []) {
      const base = baseOf(type);
      if (types.has(base)) reached.add(base);
    }
  }
  reached.delete(primary);
  return [primary, ...[...reached].sort()].map((name) => {
    const fields = types.get(name) ?? [];
    return `${name}(${fields.map((field) => `${field.type} ${field.name}`).join(",")})`;
  }).join("");
}

/** Returns the item type and length (undefined when it may vary) of an array type; undefined for any other type. */
export function splitArray(type: string): { item: string; length: number | undefined } | undefined {
  const match = /^(.+)\[(\d*)\]$/.exec(type);
  const [, item, length] = match ?? [];
  if (item === undefined) return undefined;
  return { item, length: length === undefined || length === "" ? undefined : Number(length) };
}

function isIdentifier(name: string): boolean {
  return name.length <= MAX_NAME_CHARACTERS && IDENTIFIER.test(name);
}

function baseOf(type: string): string {
  return type.replace(/(\[\d*\])+$/, "");
}

function readField(value: unknown, path: string): Field {
  if (!isObject(value) || typeof value.name !== "string" || typeof value.type !== "string") {
    throw new ValueError(`typed data: ${path}: want an object with the strings name and type`);
  }
  if (value.type.length > MAX_NAME_CHARACTERS) throw new ValueError(`typed data: ${path}.type: too long`);
  if (!isIdentifier(value.name)) {
    throw new ValueError(`typed data: ${path}.name: ${quoted(value.name)} is no identifier`);
  }
  return { name: value.name, type: value.type };
}

function checkFields(struct: string, { fields, types }: { fields: readonly Field[]; types: Types }): void {
  const seen = new Set<string>();
  for (const [at, { name, type }] of fields.entries()) {
    const path = `typed data: types.${struct}[${at}]`;
    if (seen.has(name)) throw new ValueError(`${path}.name: ${JSON.stringify(name)} comes twice`);
    seen.add(name);
    const base = baseOf(type);
    if (!isAtom(base) && !types.has(base)) {
      throw new ValueError(`${path}.type: unknown type ${JSON.stringify(base)}`);
    }
  }
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, MAX_NAME_CHARACTERS));
}
