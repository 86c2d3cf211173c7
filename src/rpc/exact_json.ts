import { scan } from "./scanner.ts";
import { excessOf, NO_LIMITS } from "./text_limits.ts";

/** Marks the placeholder of a long integer while a text is parsed. It is secret, so no incoming text contains it. */
const MARK = `${crypto.randomUUID()}:`;

/**
 * Reads JSON, with the integers that a double would round as bigint. `longIntegers` says where they are, as `scan` does.
 *
 * A reviver that looks at `context.source` takes five times as long, and overflows the stack on deep text (measured).
 */
export function parseExactly(text: string, longIntegers = scan(text, NO_LIMITS).longIntegers): unknown {
  if (longIntegers.length === 0) return JSON.parse(text);
  return withIntegers(JSON.parse(withPlaceholders(text, longIntegers)), longIntegers.length / 2);
}

/** Reads a JSON text that a message carried as a string, within the limits of a message; throws if the text is not valid. */
export function parseLimited(text: string): unknown {
  const { exceeded, longIntegers } = scan(text);
  if (exceeded !== undefined) throw new RangeError(`the text has ${excessOf(exceeded)}`);
  try {
    return parseExactly(text, longIntegers);
  } catch (cause) {
    throw new SyntaxError("the text is not JSON", { cause });
  }
}

/** Replaces each long integer with a list that holds one marked string; like a number, a list cannot name a member. */
function withPlaceholders(text: string, longIntegers: readonly number[]): string {
  const parts: string[] = [];
  let copied = 0;
  for (let i = 0; i + 1 < longIntegers.length; i += 2) {
    const start = longIntegers[i] ?? 0;
    const end = longIntegers[i + 1] ?? 0;
    parts.push(text.slice(copied, start), '["', MARK, text.slice(start, end), '"]');
    copied = end;
  }
  parts.push(text.slice(copied));
  return parts.join("");
}

/** Puts the integers back, without recursion; `count` is the most that there can be. */
function withIntegers(root: unknown, count: number): unknown {
  const whole = markedInteger(root);
  if (whole !== undefined) return whole;
  const containers = [root as Record<PropertyKey, unknown>];
  for (let container = containers.pop(); container !== undefined; container = containers.pop()) {
    const keys = Array.isArray(container) ? container.keys() : Object.keys(container);
    for (const key of keys) {
      const value = container[key];
      if (typeof value !== "object" || value === null) continue;
      const integer = markedInteger(value);
      if (integer === undefined) {
        containers.push(value as Record<PropertyKey, unknown>);
      } else {
        container[key] = integer;
        count -= 1;
        if (count === 0) return root;
      }
    }
  }
  return root;
}

function markedInteger(value: unknown): number | bigint | undefined {
  if (!Array.isArray(value) || value.length !== 1) return undefined;
  const [marked] = value;
  if (typeof marked !== "string" || !marked.startsWith(MARK)) return undefined;
  const source = marked.slice(MARK.length);
  const rounded = Number(source);
  return Number.isSafeInteger(rounded) ? rounded : BigInt(source);
}

/** JSON.rawJSON is in V8 and not yet in TypeScript's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Encodes a value, each bigint as an integer of full length, and undefined as null. */
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
