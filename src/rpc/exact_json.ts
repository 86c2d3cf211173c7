/** More digits than any integer has that is meant as one; turning longer text into a bigint takes quadratic time. */
const MAX_INTEGER_DIGITS = 100;

type SourceReviver = (key: string, value: unknown, context: { source?: string }) => unknown;

/** Reads JSON with the integers that a double would round as bigint; several times slower than JSON.parse. */
export function parseExactly(text: string): unknown {
  const exact: SourceReviver = (_key, value, { source }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value;
    return source.length <= MAX_INTEGER_DIGITS && /^-?\d+$/.test(source) ? BigInt(source) : value;
  };
  try {
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
  } catch (error) {
    // The reviver recurses, the parser does not: text that is only too deep for it still has an answer.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

/** JSON.rawJSON is in V8 and not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Encodes a value, every bigint as the integer that it is; undefined is null. */
export function encodeExactly(value: unknown): string {
  if (typeof value === "bigint") return `${value}`;
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    // JSON.stringify refuses bigint; an integer that came in exactly goes out exactly.
    if (error instanceof TypeError) return JSON.stringify(value, writeBigint);
    throw error;
  }
}

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJSON(`${value}`) : value;
}
