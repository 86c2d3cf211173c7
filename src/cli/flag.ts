import type { Kind } from "./kinds.ts";

/** The headings of `--help`, in their order. */
export const CATEGORIES = [
  "WEBSOCKET",
  "HTTP",
  "ACCESS",
  "JSON-RPC",
  "CHAIN",
  "FORK",
  "UPSTREAM",
  "ACCOUNTS",
  "SANDBOX",
  "METRICS",
  "LOGGING",
  "MISC",
] as const;

/** One row of the flag table. */
export interface Flag<T, D extends T | undefined = T | undefined> {
  readonly category: (typeof CATEGORIES)[number];
  readonly kind: Kind<T>;
  /** The value when neither the command line nor the environment gives one; undefined when the help text explains it. */
  readonly default: D;
  /** A one-letter form. */
  readonly letter?: string;
  /** The names that other programs have for it. */
  readonly aliases?: readonly string[];
  /** True when the value must never be shown. */
  readonly secret?: boolean;
  readonly help: string;
}

/** Types one row from its kind and its default. */
export function flag<T, const D extends T | undefined>(row: Flag<T, D>): Flag<T, D> {
  return row;
}
