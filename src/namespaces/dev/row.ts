import type { Method } from "../../rpc/method.ts";
import { kindOf, type Schema, ValueError } from "../../rpc/schema.ts";

/** One row under all the names that it goes by: anvil's first, then hardhat's and ganache's for the same thing. */
export interface DevRow {
  readonly names: readonly string[];
  readonly row: Method;
}

/** Gives a row its names. */
export function named(names: string, row: Method): DevRow {
  return { names: names.split(" "), row };
}

/** What a method answers that has nothing to say. */
export const nothing: Schema<null> = {
  json: { type: "null" },
  read(value) {
    if (value !== null) throw new ValueError(`want null, got ${kindOf(value)}`);
    return null;
  },
};
