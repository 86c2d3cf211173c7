import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { parseLimited } from "../rpc/exact_json.ts";
import { isObject, type Schema, ValueError } from "../rpc/schema.ts";
import { encodeAtom, isAtom } from "./typed_data_atom.ts";
import { encodeType, type Field, readTypes, splitArray, type Types } from "./typed_data_types.ts";

/** Deep enough for any real message, and far from the end of the stack. */
const MAX_DEPTH = 128;
/** The work is done in one go, so it must be short; real messages have some dozens of words. */
const MAX_WORDS = 16_384;
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
  const alien = Object.keys(domain).find((name) => !known.has(name));
  if (alien !== undefined) throw new ValueError(`typed data: domain.${alien}: no such field, and no type EIP712Domain`);
  return DOMAIN_FIELDS.filter(({ name }) => domain[name] !== undefined && domain[name] !== null);
}

/** JSON's integers beyond 2^53 stay exact, as they do in a call's own parameters. */
function parse(text: string): unknown {
  try {
    return parseLimited(text);
  } catch (cause) {
    throw new ValueError(`typed data: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** Where in the message a value stands. */
interface Place {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

class StructEncoder {
  readonly #types: Types;
  readonly #typeHashes = new Map<string, Uint8Array>();
  #words = 0;

  constructor(types: Types) {
    this.#types = types;
  }

  /** hashStruct of EIP-712. */
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
    const array = splitArray(type);
    if (array !== undefined) return this.#encodeArray(array, place);
    if (isAtom(type)) return encodeAtom(type, place);
    return place.value === undefined || place.value === null ? ABSENT_STRUCT : this.hash(type, place);
  }

  #encodeArray({ item, length }: { item: string; length: number | undefined }, { value, path, depth }: Place) {
    if (!Array.isArray(value)) throw new ValueError(`typed data: ${path}: want an array of ${item}`);
    if (length !== undefined && value.length !== length) {
      throw new ValueError(`typed data: ${path}: want ${length} items, got ${value.length}`);
    }
    const words = value.map((element, at) =>
      this.#encode(item, { value: element, path: `${path}[${at}]`, depth: depth + 1 })
    );
    return hashAll(words);
  }

  #typeHash(type: string): Uint8Array {
    const known = this.#typeHashes.get(type);
    if (known !== undefined) return known;
    const hash = keccak_256(utf8ToBytes(encodeType(type, this.#types)));
    this.#typeHashes.set(type, hash);
    return hash;
  }
}

/** Spreading a long list into the arguments of one call would overflow the stack. */
function hashAll(parts: readonly Uint8Array[]): Uint8Array {
  const hash = keccak_256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
