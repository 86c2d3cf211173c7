import { parseArgs } from "@std/cli/parse-args";
import { FLAG_ROWS, type FlagName, FLAGS } from "./flags.ts";
import { nearest, quoted, UsageError } from "./usage_error.ts";

/** The texts given for each flag, in their order. */
export type GivenFlags = ReadonlyMap<FlagName, readonly string[]>;

const NAMES = FLAG_ROWS.map(([name]) => name);

/**
 * Splits a command line into flags as Go's flag package does: one dash or two, `--x v` or `--x=v`, and a value may
 * itself begin with a dash. Throws {@link UsageError} for an unknown flag, a missing value or a stray word.
 */
export function parseFlags(args: readonly string[]): GivenFlags {
  const renamed = NAMES.map(rename);
  const parsed = parseArgs(canonical(args), { string: renamed, collect: renamed });
  const given = new Map<FlagName, readonly string[]>();
  for (const name of NAMES) {
    const values = parsed[rename(name)];
    if (Array.isArray(values) && values.length > 0) given.set(name, values.map(String));
  }
  return given;
}

/** parseArgs reads `ws.port` as a path into an object, and throws where `ws` is given as well (measured). */
function rename(name: string): string {
  return name.replaceAll(".", ":");
}

/** Brings every flag into the form `--name=value`, the only one that parseArgs cannot misread. */
function canonical(args: readonly string[]): string[] {
  const result: string[] = [];
  const queue = args.values();
  let before: FlagName | undefined;
  for (const arg of queue) {
    if (arg === "--") continue;
    const [, typed, inline] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (typed === undefined) throw strayWord(arg, before);
    const name = lookUp(typed);
    const value = inline ?? FLAGS[name].kind.bare ?? queue.next().value;
    if (value === undefined) throw new UsageError(`--${name} needs a value: expected ${FLAGS[name].kind.expected}`);
    result.push(`--${rename(name)}=${value}`);
    before = inline === undefined && FLAGS[name].kind.bare !== undefined ? name : undefined;
  }
  return result;
}

function lookUp(typed: string): FlagName {
  const known = FLAG_ROWS.find(([name, row]) => name === typed || row.letter === typed);
  if (known !== undefined) return known[0];
  const near = nearest(typed, NAMES);
  const hint = near === undefined ? "--help lists every flag" : `did you mean --${near}?`;
  throw new UsageError(`unknown flag ${quoted(`--${typed}`).slice(1, -1)}: ${hint}`);
}

function strayWord(word: string, before: FlagName | undefined): UsageError {
  if (before !== undefined && FLAGS[before].kind.parse(word) !== undefined) {
    return new UsageError(`--${before} takes its value behind an equals sign: --${before}=${word}`);
  }
  return new UsageError(`unexpected argument ${quoted(word)}: expected only flags, and --help lists them`);
}
