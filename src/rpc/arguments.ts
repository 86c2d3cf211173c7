import { invalidParams } from "./error.ts";
import type { Parameter } from "./method.ts";
import { ValueError } from "./schema.ts";

/** Reads `params` as a list; absent and null are the empty list (geth's own client used to send null). */
export function positional(params: unknown): readonly unknown[] {
  if (params === undefined || params === null) return [];
  if (!Array.isArray(params)) throw invalidParams("non-array args");
  return params;
}

/**
 * Checks a list against the parameters of a row, in the order and with the texts of geth's rpc/json.go
 * (`parsePositionalArguments`): each value that was given, then one too many, then one that is missing. The result has
 * one value per parameter.
 */
export function readArguments(given: readonly unknown[], params: readonly Parameter<unknown>[]): unknown[] {
  const read = params.slice(0, given.length).map((parameter, index) =>
    readArgument(given[index], { parameter, index })
  );
  if (given.length > params.length) throw invalidParams(`too many arguments, want at most ${params.length}`);
  // Registry lets no required parameter follow an optional one, so the first absent one decides.
  if (params[given.length]?.optional === false) throw missingArgument(given.length);
  return params.map((_, index) => read[index]);
}

function readArgument(value: unknown, row: { parameter: Parameter<unknown>; index: number }): unknown {
  const { parameter, index } = row;
  if (parameter.optional && (value === undefined || value === null)) return undefined;
  try {
    return parameter.schema.read(value);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    // Null is a value where the schema takes it, and counts as missing where it does not.
    if (value === null) throw missingArgument(index);
    throw invalidParams(`invalid argument ${index}: ${error.message}`);
  }
}

function missingArgument(index: number): Error {
  return invalidParams(`missing value for required argument ${index}`);
}
