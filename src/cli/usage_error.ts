import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { printable } from "../text/printable.ts";

/** A command line that cannot be served. The message says what was expected, in one line for each fault. */
export class UsageError extends Error {
  /** Distinguishes it from other errors where the class is not imported. */
  override readonly name = "UsageError";
}

const MAX_QUOTED_CHARACTERS = 60;

/** Quotes a user's text so that it stays on one line and cannot control the terminal. */
export function quoted(typed: string): string {
  const cut = typed.length > MAX_QUOTED_CHARACTERS ? `${typed.slice(0, MAX_QUOTED_CHARACTERS)}...` : typed;
  return printable(JSON.stringify(cut));
}

/** Returns the known word that the user probably meant by `typed`; undefined when none is similar. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || typed.length > MAX_QUOTED_CHARACTERS) return undefined;
  const word = closestString(typed, known, { caseSensitive: false });
  const distance = levenshteinDistance(typed.toLowerCase(), word.toLowerCase());
  return distance <= Math.max(2, Math.floor(typed.length / 3)) && distance < typed.length ? word : undefined;
}
