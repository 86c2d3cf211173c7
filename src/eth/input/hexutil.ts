import { ValueError } from "../../rpc/schema.ts";
import type { Hex } from "../types.ts";

// The texts of geth's common/hexutil/hexutil.go.
export const HEX_ERROR = {
  emptyString: "empty hex string",
  syntax: "invalid hex string",
  missingPrefix: "hex string without 0x prefix",
  oddLength: "hex string of odd length",
  emptyNumber: 'hex string "0x"',
  leadingZero: "hex number with leading zero digits",
  over64Bits: "hex number > 64 bits",
  over256Bits: "hex number > 256 bits",
} as const;

const UINT64_DIGITS = 16;
const UINT256_DIGITS = 64;
const DIGITS = /^[0-9a-fA-F]*$/;
const CANONICAL_DATA = /^0x(?:[0-9a-f]{2})*$/;

/** Tells whether text starts with `0x` or `0X`. */
function hasPrefix(text: string): boolean {
  return text[0] === "0" && (text[1] === "x" || text[1] === "X");
}

/** Lower-cases checked hex text, prefix included; most callers send it that way, and then nothing is copied. */
function lower(text: string): Hex {
  return text.toLowerCase() as Hex;
}

/** Decodes bytes of any length; `""` is empty, as in hexutil.Bytes. Throws {@link ValueError} with a bare hexutil text. */
export function readData(text: string): Hex {
  if (CANONICAL_DATA.test(text)) return text as Hex;
  if (text === "") return "0x";
  if (!hasPrefix(text)) throw new ValueError(HEX_ERROR.missingPrefix);
  if (text.length % 2 !== 0) throw new ValueError(HEX_ERROR.oddLength);
  if (!DIGITS.test(text.slice(2))) throw new ValueError(HEX_ERROR.syntax);
  return lower(text);
}

/** Returns the digits of a number in hexutil's form, checked for everything but their range and syntax. */
function numberDigits(text: string): string {
  if (!hasPrefix(text)) throw new ValueError(HEX_ERROR.missingPrefix);
  if (text.length === 2) throw new ValueError(HEX_ERROR.emptyNumber);
  if (text.length > 3 && text[2] === "0") throw new ValueError(HEX_ERROR.leadingZero);
  return text.slice(2);
}

/** Decodes a number of at most 64 or 256 bits; `""` is zero, as in hexutil.Uint64 and hexutil.Big. */
export function readNumber(text: string, bits: 64 | 256): bigint {
  if (text === "") return 0n;
  const digits = numberDigits(text);
  const [most, tooBig] = bits === 64 ? [UINT64_DIGITS, HEX_ERROR.over64Bits] : [UINT256_DIGITS, HEX_ERROR.over256Bits];
  if (digits.length > most) throw new ValueError(tooBig);
  if (!DIGITS.test(digits)) throw new ValueError(HEX_ERROR.syntax);
  return BigInt(`0x${digits}`);
}

/**
 * Decodes a 64-bit number by the stricter rules of hexutil.DecodeUint64, which block numbers go through: no empty
 * string, and of two faults the one further left is named.
 */
export function readUint64(text: string): bigint {
  if (text === "") throw new ValueError(HEX_ERROR.emptyString);
  const digits = numberDigits(text);
  const good = digits.search(/[^0-9a-fA-F]/);
  if ((good === -1 ? digits.length : good) > UINT64_DIGITS) throw new ValueError(HEX_ERROR.over64Bits);
  if (good !== -1) throw new ValueError(HEX_ERROR.syntax);
  return BigInt(`0x${digits}`);
}
