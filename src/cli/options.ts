import { checkCombinations } from "./config.ts";
import { type Config, FLAG_ROWS, type FlagName } from "./flags.ts";
import { nearest, quoted, UsageError } from "./usage_error.ts";

/**
 * Makes a Config of values instead of words, for a program that embeds the server. Each value is checked as its flag is, so
 * that no other values are possible than on a command line. Throws {@link UsageError}.
 */
export function configFrom(values: Partial<Config>): Config {
  const names = FLAG_ROWS.map(([name]) => name);
  const stranger = Object.keys(values).find((name) => !names.includes(name as FlagName));
  if (stranger !== undefined) {
    const near = nearest(stranger, names);
    throw new UsageError(`unknown option ${quoted(stranger)}${near === undefined ? "" : `: did you mean ${near}?`}`);
  }
  const config = Object.fromEntries(FLAG_ROWS.map(([name, row]) => {
    const value = values[name];
    if (value === undefined) return [name, row.default];
    const parsed = row.kind.parse(row.kind.format(value));
    if (parsed === undefined) {
      throw new UsageError(`${name}: expected ${row.kind.expected}, got ${quoted(String(value))}`);
    }
    return [name, parsed];
  })) as unknown as Config;
  checkCombinations(config);
  return config;
}
