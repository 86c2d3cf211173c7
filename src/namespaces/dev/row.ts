import type { Method } from "../../rpc/method.ts";
import { kindOf, type Schema, ValueError } from "../../rpc/schema.ts";

/** One row and all its names: anvil's first, then those of hardhat and ganache for the same method. */
export interface DevRow {
  readonly names: readonly string[];
  readonly row: Method;
}

/** Gives a row its names. */
export function named(names: string, row: Method): DevRow {
  return { names: names.split(" "), row };
}

const done: Schema<true> = {
  json: { const: true },
  read(value) {
    if (value !== true) throw new ValueError(`want true, got ${kindOf(value)}`);
    return true;
  },
};

/** Returns the row under a name of Hardhat's: a command answers true there, where anvil's answers null. */
export function asHardhat(row: Method): Method {
  if (row.result !== nothing) return row;
  return {
    ...row,
    result: done,
    async handler(args, call) {
      await row.handler(args, call);
      return true;
    },
  };
}

/** The schema of the result of a command: null. */
export const nothing: Schema<null> = {
  json: { type: "null" },
  read(value) {
    if (value !== null) throw new ValueError(`want null, got ${kindOf(value)}`);
    return null;
  },
};
