import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { printable } from "../text/printable.ts";

/** A command line that cannot be served. The message says what was expected, in one line for each fault. */
export class UsageError extends Error {
  /** Tells it from other errors where the class is not at hand. */
  override readonly name = "UsageError";
}

const MAX_QUOTED_CHARACTERS = 60;

/** Quotes what the user typed so that it stays on one line and cannot steer the terminal. */
export function quoted(typed: string): string {
  const cut = typed.length > MAX_QUOTED_CHARACTERS ? `${typed.slice(0, MAX_QUOTED_CHARACTERS)}...` : typed;
  return printable(JSON.stringify(cut));
}

/** The known word that `typed` was probably meant to be, or undefined when none is near. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || typed.length > MAX_QUOTED_CHARACTERS) return undefined;
  const word = closestString(typed, known, { caseSensitive: false });
  const distance = levenshteinDistance(typed.toLowerCase(), word.toLowerCase());
  return distance <= Math.max(2, Math.floor(typed.length / 3)) && distance < typed.length ? word : undefined;
}
