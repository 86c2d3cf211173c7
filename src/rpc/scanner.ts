/** As deep as Go's encoding/json goes; V8's own parser takes seconds for a megabyte of open brackets (measured). */
export const MAX_DEPTH = 10_000;

/** Every shorter run of digits is exact in a double. */
const EXACT_DIGITS = 15;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LETTER_I = 0x69;
const LETTER_D = 0x64;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What one pass over the text of a message finds. Of text that is not JSON only `tooDeep` has a meaning. */
export interface Scan {
  /** Nested deeper than {@link MAX_DEPTH}; the pass stopped there. */
  readonly tooDeep: boolean;
  /** The source text of each message's `id`, by index in the batch, or at 0; the last one wins, as in JSON.parse. */
  readonly ids: readonly (string | undefined)[];
  /** Some number has more digits than a double keeps. */
  readonly longNumbers: boolean;
}

/**
 * Finds what JSON.parse loses: how each id is spelled, and whether numbers were rounded. It does not validate; it only
 * has to end, in linear time, on any text. JSON.parse with a reviver's `context.source` would do the same for six times
 * the price of a plain parse, and overflows the stack on deep text; this pass costs less than the parse (measured).
 */
export function scan(text: string): Scan {
  const ids: (string | undefined)[] = [];
  let at = 0;
  while (isSpace(text.charCodeAt(at))) at += 1;
  const batch = text.charCodeAt(at) === OPEN_ARRAY;
  /** Depth at which members of a message lie. */
  const level = batch ? 2 : 1;
  let depth = 0;
  let index = 0;
  let longNumbers = false;
  let isId = false;

  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      // Of all strings only a key is followed by a colon, so a value that reads "id" does no harm.
      if (depth === level) isId = isIdKey(text, at, end);
      at = end;
    } else if (code === COLON) {
      at += 1;
      if (!isId || depth !== level) continue;
      while (isSpace(text.charCodeAt(at))) at += 1;
      const end = text.charCodeAt(at) === QUOTE ? endOfString(text, at) : endOfScalar(text, at);
      ids[index] = text.slice(at, end);
      at = end;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth += 1;
      if (depth > MAX_DEPTH) return { tooDeep: true, ids: [], longNumbers: false };
      at += 1;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      depth -= 1;
      at += 1;
    } else if (code === COMMA) {
      if (batch && depth === 1) index += 1;
      at += 1;
    } else if (isDigit(code)) {
      const start = at;
      while (isDigit(text.charCodeAt(at))) at += 1;
      if (at - start > EXACT_DIGITS) longNumbers = true;
    } else {
      at += 1;
    }
  }
  return { tooDeep: false, ids, longNumbers };
}

/** The position after the closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

/** The position after a number, true, false or null. A container has no text of interest: no id may be one. */
function endOfScalar(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === COMMA || code === CLOSE_OBJECT || code === OPEN_ARRAY || code === OPEN_OBJECT || isSpace(code)) break;
    end += 1;
  }
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let slash = at - 1;
  while (text.charCodeAt(slash) === BACKSLASH) slash -= 1;
  return (at - slash) % 2 === 0;
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

/** `"\u0069\u0064"`, characters. */
const LONGEST_ID_KEY = 14;

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
