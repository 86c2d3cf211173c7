import { MESSAGE_LIMITS, type TextLimits } from "./text_limits.ts";

/** A double keeps each integer of no more digits than this exactly. */
const EXACT_DIGITS = 15;

/** The most digits of an integer that is read exactly: making a bigint of longer text takes quadratic time. */
const MAX_INTEGER_DIGITS = 100;

const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LETTER_E = 0x65;
const LETTER_I = 0x69;
const LETTER_D = 0x64;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The findings of one pass over a text. For a text that is not JSON only `exceeded` has a meaning. */
export interface Scan {
  /** The limit that the text exceeds; the pass stopped there. */
  readonly exceeded: keyof TextLimits | undefined;
  /** True when the text is a list. */
  readonly isBatch: boolean;
  /** The source text of each message's `id`, by index in the batch, or at 0; the last one wins, as in JSON.parse. */
  readonly ids: readonly (string | undefined)[];
  /** The positions of the integers that have more digits than a double keeps: start, end, start, end and so on. */
  readonly longIntegers: readonly number[];
}

/**
 * Finds the spelling of each id and the integers that JSON.parse would round, and counts what the parse would cost. It does
 * not validate; it only has to end, in linear time, on any text. JSON.parse with a reviver's `context.source` would find the
 * ids for six times the time of a plain parse, and overflows the stack on deep text; this pass takes less time than the
 * parse (measured).
 */
export function scan(text: string, limits: TextLimits = MESSAGE_LIMITS): Scan {
  const ids: (string | undefined)[] = [];
  const longIntegers: number[] = [];
  const ends = new StringEnds(text);
  let at = 0;
  while (isSpace(text.charCodeAt(at))) at += 1;
  const isBatch = text.charCodeAt(at) === OPEN_ARRAY;
  /** Depth at which members of a message lie. */
  const level = isBatch ? 2 : 1;
  let depth = 0;
  let index = 0;
  let values = 1;
  let members = 0;
  let strings = 0;
  /** Units of the string that ended last, and of all names of members. */
  let stringUnits = 0;
  let names = 0;
  /** Units inside of strings. */
  let quoted = 0;
  let isId = false;

  function found(exceeded?: keyof TextLimits): Scan {
    return { exceeded, isBatch, ids, longIntegers };
  }

  while (at < text.length) {
    if (at - quoted > limits.syntax) return found("syntax");
    const code = text.charCodeAt(at);
    if (code === SPACE) {
      at += 1;
    } else if (code === QUOTE) {
      strings += 1;
      // Each string of a text that is JSON is a value or names a member.
      if (strings > limits.values + limits.members) return found("values");
      const end = ends.endOf(at, limits.escapes);
      if (ends.escapes > limits.escapes) return found("escapes");
      // Of all strings only a key is followed by a colon, so a value that reads "id" does no harm.
      if (depth === level) isId = isIdKey(text, at, end);
      stringUnits = end - at;
      quoted += stringUnits;
      at = end;
    } else if (code === COLON) {
      members += 1;
      if (members > limits.members) return found("members");
      names += stringUnits;
      if (names > limits.names) return found("names");
      at += 1;
      if (!isId || depth !== level) continue;
      while (isSpace(text.charCodeAt(at))) at += 1;
      const isString = text.charCodeAt(at) === QUOTE;
      const end = isString ? ends.endOf(at, limits.escapes) : endOfScalar(text, at);
      ids[index] = text.slice(at, end);
      if (isString) quoted += end - at;
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth > limits.depth) return found("depth");
      values += 1;
      if (values > limits.values) return found("values");
      at += 1;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth -= 1;
      at += 1;
    } else if (code === COMMA) {
      values += 1;
      if (values > limits.values) return found("values");
      if (isBatch && depth === 1) index += 1;
      at += 1;
    } else if (isDigit(code)) {
      const end = endOfDigits(text, { start: at, units: limits.syntax });
      if (end - at > EXACT_DIGITS) {
        noteInteger(text, { start: at, end, longIntegers });
        if (longIntegers.length > 2 * limits.longIntegers) return found("longIntegers");
      }
      at = end;
    } else {
      at += 1;
    }
  }
  return found();
}

/** Finds the ends of strings in one pass over all quotes and backslashes of a text, and counts the escapes. */
class StringEnds {
  escapes = 0;
  readonly #text: string;
  #backslash: number;

  constructor(text: string) {
    this.#text = text;
    this.#backslash = text.indexOf("\\");
  }

  /** Returns the position after the closing quote of the string that opens at `start`; stops after `maxEscapes` escapes. */
  endOf(start: number, maxEscapes: number): number {
    let from = start + 1;
    let quote = this.#quote(from);
    while (this.escapes <= maxEscapes) {
      if (this.#backslash < from) this.#backslash = orEnd(this.#text, this.#text.indexOf("\\", from));
      if (this.#backslash >= quote) break;
      this.escapes += 1;
      from = this.#backslash + 2;
      if (quote < from) quote = this.#quote(from);
    }
    return Math.min(quote + 1, this.#text.length);
  }

  #quote(from: number): number {
    return orEnd(this.#text, this.#text.indexOf('"', from));
  }
}

function orEnd(text: string, index: number): number {
  return index === -1 ? text.length : index;
}

/** Notes a run of digits, with its sign, if it is a whole number by itself and neither a fraction nor an exponent. */
function noteInteger(
  text: string,
  { start, end, longIntegers }: { start: number; end: number; longIntegers: number[] },
): void {
  if (end - start > MAX_INTEGER_DIGITS || text.charCodeAt(start) === ZERO) return;
  const next = text.charCodeAt(end);
  if (next === POINT || (next | 0x20) === LETTER_E) return;
  const isNegative = text.charCodeAt(start - 1) === MINUS;
  const first = isNegative ? start - 1 : start;
  const before = text.charCodeAt(first - 1);
  if (before === POINT || before === PLUS || (before | 0x20) === LETTER_E) return;
  longIntegers.push(first, end);
}

/** Returns the position after a number, true, false or null. A container is not looked at, because no id may be one. */
function endOfScalar(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === COMMA || code === CLOSE_OBJECT || code === OPEN_ARRAY || code === OPEN_OBJECT || isSpace(code)) break;
    end += 1;
  }
  return end;
}

/** Returns the position after a run of digits, or after `units` of them. */
function endOfDigits(text: string, { start, units }: { start: number; units: number }): number {
  let end = start + 1;
  while (isDigit(text.charCodeAt(end)) && end - start <= units) end += 1;
  return end;
}

function isIdKey(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start + 1);
  const second = text.charCodeAt(start + 2);
  if (end - start === 4) return first === LETTER_I && second === LETTER_D;
  // A key may be spelled with escapes: `"\u0069d"` is `id`.
  const isEscaped = first === BACKSLASH || (first === LETTER_I && second === BACKSLASH);
  if (!isEscaped || end - start > LONGEST_ID_KEY) return false;
  const source = text.slice(start, end);
  try {
    return JSON.parse(source) === "id";
  } catch {
    return false;
  }
}

/** The length of `"\u0069\u0064"` in characters. */
const LONGEST_ID_KEY = 14;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
