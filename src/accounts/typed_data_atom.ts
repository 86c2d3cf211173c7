import { keccak256 } from "../crypto/keccak.ts";
import { ValueError } from "../rpc/schema.ts";

/** `bytes` and `string` are hashed; the others fill one word. `int` and `uint` are 256 bits, as geth and viem read them. */
const ATOM = /^(?:address|bool|string|bytes([1-9]|[12]\d|3[0-2])?|u?int(8|16|24|32|40|48|56|64|72|80|88|96|\d{3})?)$/;
const WORD_BYTES = 32;
const MAX_SHOWN_CHARACTERS = 48;

/** Returns true for a type that is neither a struct nor an array. */
export function isAtom(type: string): boolean {
  const bits = ATOM.exec(type)?.[2];
  if (bits !== undefined) return Number(bits) <= 256 && Number(bits) % 8 === 0 && !bits.startsWith("0");
  return ATOM.test(type);
}

/** Encodes a value of an atomic type as its word; `path` is the place of the value for errors. */
export function encodeAtom(type: string, { value, path }: { value: unknown; path: string }): Uint8Array {
  if (value === undefined || value === null) throw new ValueError(`typed data: ${path}: missing value of type ${type}`);
  const word = wordOf(type, value);
  if (word === undefined) throw new ValueError(`typed data: ${path}: want ${type}, got ${shown(value)}`);
  return word;
}

function wordOf(type: string, value: unknown): Uint8Array | undefined {
  if (type === "bool") return typeof value === "boolean" ? padStart(Uint8Array.of(value ? 1 : 0)) : undefined;
  // A lone surrogate has no UTF-8; TextEncoder would sign a replacement character in its place.
  if (type === "string") {
    return typeof value === "string" && value.isWellFormed() ? keccak256(new TextEncoder().encode(value)) : undefined;
  }
  if (type.includes("int")) return integerWord(type, value);
  const bytes = bytesOf(value);
  if (bytes === undefined) return undefined;
  if (type === "bytes") return keccak256(bytes);
  if (type === "address") return bytes.length === 20 ? padStart(bytes) : undefined;
  return bytes.length === Number(type.slice("bytes".length)) ? padEnd(bytes) : undefined;
}

function integerWord(type: string, value: unknown): Uint8Array | undefined {
  const number = integerOf(value);
  if (number === undefined) return undefined;
  const signed = type.startsWith("int");
  const bits = Number(type.replace(/^u?int/, "") || "256");
  const fits = signed ? BigInt.asIntN(bits, number) === number : BigInt.asUintN(bits, number) === number;
  if (!fits) return undefined;
  return Uint8Array.fromHex(BigInt.asUintN(256, number).toString(16).padStart(2 * WORD_BYTES, "0"));
}

/** A JSON number, or its decimal or hex text. A number that a double has rounded is refused. */
function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== "string" || value.length > 80) return undefined;
  const [, minus, digits] = /^(-?)(\d+|0[xX][0-9a-fA-F]+)$/.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return minus === "-" ? -BigInt(digits) : BigInt(digits);
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== "string" || !/^0[xX](?:[0-9a-fA-F]{2})*$/.test(value)) return undefined;
  return Uint8Array.fromHex(value.slice(2));
}

function padStart(bytes: Uint8Array): Uint8Array {
  const word = new Uint8Array(WORD_BYTES);
  word.set(bytes, WORD_BYTES - bytes.length);
  return word;
}

function padEnd(bytes: Uint8Array): Uint8Array {
  const word = new Uint8Array(WORD_BYTES);
  word.set(bytes);
  return word;
}

/** Returns a value as an error quotes it; only the kind of lists and objects, which may be large and deep. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, MAX_SHOWN_CHARACTERS + 1)) : String(value);
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text;
}
