import { keccak256, loadFastKeccak } from "../crypto/keccak.ts";
import { parseLimited } from "../rpc/exact_json.ts";
import { isObject, type Schema, ValueError } from "../rpc/schema.ts";
import { encodeAtom, isAtom } from "./typed_data_atom.ts";
import { encodeType, type Field, MAX_NAME_CHARACTERS, readTypes, splitArray, type Types } from "./typed_data_types.ts";

/** The most levels of nesting: more than any real message has, and few enough for the stack. */
const MAX_DEPTH = 128;
/** The most words of a message. They are hashed without a pause, so they must be few; real messages have some dozens. */
const MAX_WORDS = 4096;
/** Characters of a document that is given as JSON text: 20 ms to read (measured), and far more than any real one has. */
const MAX_TEXT_CHARACTERS = 1024 * 1024;
/** Characters of all strings and byte strings of a message together, which are hashed. */
const MAX_MEMBER_CHARACTERS = 256 * 1024;
const DOMAIN = "EIP712Domain";
const ABSENT_STRUCT = new Uint8Array(32);

/** The domain's fields in EIP-712's order, for a caller who leaves the type of the domain out. */
const DOMAIN_FIELDS: readonly Field[] = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
  { name: "salt", type: "bytes32" },
];

/**
 * Reads EIP-712 typed data, an object or (as MetaMask takes it) its JSON text, into the digest that is signed. Errors
 * name the member that is wrong. Where the EIP leaves a choice, version 4 of MetaMask's eth-sig-util made it: a struct
 * without a value is 32 zero bytes, and members of a value that its type does not name are not signed.
 */
export const typedData: Schema<Uint8Array> = {
  read: (value) => digestOf(typeof value === "string" ? parse(value) : value),
  json: {
    type: "object",
    properties: {
      types: { type: "object" },
      primaryType: { type: "string" },
      domain: { type: "object" },
      message: { type: "object" },
    },
    required: ["types", "primaryType", "domain", "message"],
  },
};

function digestOf(value: unknown): Uint8Array {
  void loadFastKeccak();
  if (!isObject(value)) throw new ValueError("typed data: want an object with types, primaryType, domain and message");
  const { domain, message, primaryType } = value;
  if (!isObject(domain)) throw new ValueError("typed data: domain: want an object");
  const types = readTypes(value.types);
  if (!types.has(DOMAIN)) types.set(DOMAIN, domainFields(domain));
  if (typeof primaryType !== "string" || !types.has(primaryType)) {
    throw new ValueError(`typed data: primaryType: want one of ${[...types.keys()].join(", ")}`);
  }
  const encoder = new StructEncoder(types);
  const parts = [Uint8Array.of(0x19, 0x01), encoder.hash(DOMAIN, { value: domain, path: "domain", depth: 0 })];
  // A message that is only a domain has no second half (eth-sig-util).
  if (primaryType !== DOMAIN) {
    if (!isObject(message)) throw new ValueError("typed data: message: want an object");
    parts.push(encoder.hash(primaryType, { value: message, path: "message", depth: 0 }));
  }
  return hashAll(parts);
}

function domainFields(domain: { readonly [name: string]: unknown }): Field[] {
  const known = new Set(DOMAIN_FIELDS.map(({ name }) => name));
  for (const name in domain) {
    if (!known.has(name)) {
      const shown = name.slice(0, MAX_NAME_CHARACTERS);
      throw new ValueError(`typed data: domain.${shown}: no such field, and no type EIP712Domain`);
    }
  }
  return DOMAIN_FIELDS.filter(({ name }) => domain[name] !== undefined && domain[name] !== null);
}

/** JSON's integers beyond 2^53 stay exact, as they do in a call's own parameters. */
function parse(text: string): unknown {
  if (text.length > MAX_TEXT_CHARACTERS) {
    throw new ValueError(`typed data: the text is longer than ${MAX_TEXT_CHARACTERS} characters`);
  }
  try {
    return parseLimited(text);
  } catch (cause) {
    throw new ValueError(`typed data: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** A value and its place in the message. */
interface Place {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/** A parsed type. It is kept, because a long array needs the same type for each item. */
interface Shape {
  readonly array: ReturnType<typeof splitArray>;
  readonly isAtomic: boolean;
}

class StructEncoder {
  readonly #types: Types;
  readonly #typeHashes = new Map<string, Uint8Array>();
  readonly #shapes = new Map<string, Shape>();
  #words = 0;
  #characters = 0;

  constructor(types: Types) {
    this.#types = types;
  }

  /** Returns hashStruct of EIP-712. */
  hash(type: string, { value, path, depth }: Place): Uint8Array {
    if (!isObject(value)) throw new ValueError(`typed data: ${path}: want an object of type ${type}`);
    if (depth > MAX_DEPTH) throw new ValueError(`typed data: ${path}: nested deeper than ${MAX_DEPTH} levels`);
    const words = [this.#typeHash(type)];
    for (const field of this.#types.get(type) ?? []) {
      const member = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
      words.push(this.#encode(field.type, { value: member, path: `${path}.${field.name}`, depth: depth + 1 }));
    }
    return hashAll(words);
  }

  #encode(type: string, place: Place): Uint8Array {
    if (++this.#words > MAX_WORDS) throw new ValueError(`typed data: ${place.path}: more than ${MAX_WORDS} values`);
    const { array, isAtomic } = this.#shapeOf(type);
    if (array !== undefined) return this.#encodeArray(array, place);
    if (isAtomic) {
      this.#countCharacters(place);
      return encodeAtom(type, place);
    }
    return place.value === undefined || place.value === null ? ABSENT_STRUCT : this.hash(type, place);
  }

  #countCharacters({ value, path }: Place): void {
    if (typeof value === "string") this.#characters += value.length;
    if (this.#characters <= MAX_MEMBER_CHARACTERS) return;
    throw new ValueError(`typed data: ${path}: the members have more than ${MAX_MEMBER_CHARACTERS} characters`);
  }

  #encodeArray({ item, length }: { item: string; length: number | undefined }, { value, path, depth }: Place) {
    if (!Array.isArray(value)) throw new ValueError(`typed data: ${path}: want an array of ${item}`);
    if (length !== undefined && value.length !== length) {
      throw new ValueError(`typed data: ${path}: want ${length} items, got ${value.length}`);
    }
    // A long array of arrays costs as much as its items, so it is counted before they are read.
    if (value.length > MAX_WORDS) throw new ValueError(`typed data: ${path}: more than ${MAX_WORDS} values`);
    const words = value.map((element, at) =>
      this.#encode(item, { value: element, path: `${path}[${at}]`, depth: depth + 1 })
    );
    return hashAll(words);
  }

  #shapeOf(type: string): Shape {
    let shape = this.#shapes.get(type);
    if (shape === undefined) this.#shapes.set(type, shape = { array: splitArray(type), isAtomic: isAtom(type) });
    return shape;
  }

  #typeHash(type: string): Uint8Array {
    const known = this.#typeHashes.get(type);
    if (known !== undefined) return known;
    const hash = keccak256(new TextEncoder().encode(encodeType(type, this.#types)));
    this.#typeHashes.set(type, hash);
    return hash;
  }
}

function hashAll(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return keccak256(whole);
}
