import { type JsonSchema, kindOf, TypeMismatch, ValueError } from "../../rpc/schema.ts";
import { quantity } from "../../primitives/hex.ts";
import type { Codec } from "./codec.ts";
import type { Address, Data, Hash, Hex } from "../types.ts";
import { HEX_ERROR, readData, readNumber } from "./hexutil.ts";

// Either case is read; text that is sent is lower case. The titles are those of execution-apis.
export const QUANTITY_JSON: JsonSchema = {
  title: "hex encoded unsigned integer",
  type: "string",
  pattern: "^0[xX](0|[1-9a-fA-F][0-9a-fA-F]*)$",
};
const DATA_JSON: JsonSchema = { title: "hex encoded bytes", type: "string", pattern: "^0[xX]([0-9a-fA-F]{2})*$" };

/** Matches the form that nearly every client sends, so that no further check is needed. */
const CANONICAL = /^0x[0-9a-f]*$/;

const HEXUTIL_TEXTS: ReadonlySet<string> = new Set(Object.values(HEX_ERROR));

/**
 * Makes a codec of a Go type that decodes itself from a JSON string. hexutil wraps its own errors in a type error that
 * names the type, and passes others (such as a wrong length) through bare (common/hexutil/json.go, wrapTypeError).
 */
function textual<T>(
  type: string,
  options: { readonly json: JsonSchema; readonly decode: (text: string) => T; readonly encode: (value: T) => string },
): Codec<T> {
  const { json, decode, encode } = options;
  return {
    json,
    write: encode,
    read(value) {
      if (typeof value !== "string") throw new TypeMismatch("non-string", type);
      try {
        return decode(value);
      } catch (error) {
        if (error instanceof ValueError && HEXUTIL_TEXTS.has(error.message)) {
          throw new TypeMismatch(error.message, type);
        }
        throw error;
      }
    },
  };
}

/** Makes a codec of exactly `bytes` bytes, named as Go names the type. */
export function fixedData(type: string, bytes: number): Codec<Hex> {
  const length = bytes * 2 + 2;
  return textual(type, {
    json: { title: `${bytes} hex encoded bytes`, type: "string", pattern: `^0[xX][0-9a-fA-F]{${bytes * 2}}$` },
    decode: (text) =>
      text.length === length && CANONICAL.test(text) ? text as Hex : readFixedLength(text, { bytes, type }),
    encode: (value) => value,
  });
}

// UnmarshalFixedText looks at the length before it looks at the digits.
function readFixedLength(text: string, { bytes, type }: { bytes: number; type: string }): Hex {
  if (text === "") throw new ValueError(`hex string has length 0, want ${bytes * 2} for ${type}`);
  if (!/^0[xX]/.test(text)) throw new ValueError(HEX_ERROR.missingPrefix);
  if (text.length % 2 !== 0) throw new ValueError(HEX_ERROR.oddLength);
  const digits = text.length - 2;
  if (digits !== bytes * 2) throw new ValueError(`hex string has length ${digits}, want ${bytes * 2} for ${type}`);
  return readData(text);
}

/** 20 bytes; read as lower case. */
export const address: Codec<Address> = fixedData("common.Address", 20);

/** 32 bytes; read as lower case. */
export const hash: Codec<Hash> = fixedData("common.Hash", 32);

/** Bytes of any length; read as lower case. */
export const data: Codec<Data> = textual("hexutil.Bytes", {
  json: DATA_JSON,
  decode: readData,
  encode: (value) => value,
});

function hexNumber(type: string, bits: 64 | 256): Codec<bigint> {
  return textual(type, { json: QUANTITY_JSON, decode: (text) => readNumber(text, bits), encode: quantity });
}

/** A number of at most 64 bits. */
export const uint64: Codec<bigint> = hexNumber("hexutil.Uint64", 64);

/** A number of at most 256 bits. */
export const big: Codec<bigint> = hexNumber("*hexutil.Big", 256);

/** A number of at most 256 bits where geth reads it with holiman/uint256 (authorizations). */
export const uint256: Codec<bigint> = hexNumber("*uint256.Int", 256);

/** A position in a list. A number above 2^53 is beyond any list, and read as the largest safe integer. */
export const index: Codec<number> = textual("hexutil.Uint", {
  json: QUANTITY_JSON,
  decode: (text) => Number(clampToSafe(readNumber(text, 64))),
  encode: quantity,
});

function clampToSafe(value: bigint): bigint {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return value < most ? value : most;
}

/** A plain JSON integer that fits 64 bits (Go's uint64), such as a time-out in milliseconds. */
export const jsonUint64: Codec<number> = {
  json: { type: "integer", minimum: 0 },
  write: (value) => value,
  read(value) {
    if (value === null) return 0;
    if (typeof value !== "number" && typeof value !== "bigint") throw new TypeMismatch(kindOf(value), "uint64");
    const whole = typeof value === "bigint" || Number.isInteger(value);
    if (!whole || value < 0 || value >= 2 ** 64) throw new TypeMismatch(`number ${value}`, "uint64");
    return Number(value);
  },
};

// geth quotes whatever came; of a list or an object this server quotes the kind only.
function quotable(value: unknown): string {
  return typeof value === "object" && value !== null ? kindOf(value) : String(value);
}

/** Makes a codec of a whole number of at most `bits` bits as a JSON number, as decimal text or as hex text. */
function lenientNumber(bits: 64 | 256): Codec<bigint> {
  const end = 1n << BigInt(bits);
  return {
    json: { oneOf: [QUANTITY_JSON, { type: "integer", minimum: 0 }] },
    write: quantity,
    read(value) {
      const text = quotable(value);
      const number = /^(?:[0-9]*|0[xX][0-9a-fA-F]+)$/.test(text) ? BigInt(text) : -1n;
      if (number < 0n || number >= end) throw new ValueError(`invalid hex or decimal integer ${JSON.stringify(text)}`);
      return number;
    },
  };
}

/** A whole number of at most 64 bits in any spelling (geth's math.HexOrDecimal64). */
export const hexOrDecimal: Codec<bigint> = lenientNumber(64);

/** A whole number of at most 256 bits in any spelling (geth's math.HexOrDecimal256). */
export const hexOrDecimal256: Codec<bigint> = lenientNumber(256);
