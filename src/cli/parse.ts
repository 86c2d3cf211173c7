import { parseArgs } from "@std/cli/parse-args";
import { ANVIL_FLAGS } from "./anvil_flags.ts";
import { FLAG_ROWS, type FlagName, FLAGS } from "./flags.ts";
import type { ForeignFlag } from "./foreign_flag.ts";
import { GETH_COMMANDS } from "./geth_commands.ts";
import { GETH_FLAGS } from "./geth_flags.ts";
import { GETH_OLD_FLAGS } from "./geth_old_flags.ts";
import { nearest, quoted, UsageError } from "./usage_error.ts";

/** The texts given for each flag, in their order. */
export type GivenFlags = ReadonlyMap<FlagName, readonly string[]>;

const NAMES = FLAG_ROWS.map(([name]) => name);

/**
 * Splits a command line into flags as Go's flag package does: one dash or two, `--x v` or `--x=v`, and a value may
 * itself begin with a dash. Throws {@link UsageError} that names every unknown flag, missing value and stray word.
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

/**
 * Brings every flag into the form `--name=value`, the only one that parseArgs cannot misread. Collects all faults, so that
 * a command line of another program is corrected in one go.
 */
function canonical(args: readonly string[]): string[] {
  const result: string[] = [];
  const faults = new Set<string>();
  const queue = [...args];
  let before: FlagName | undefined;
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === "--") continue;
    const [, typed, inline] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (typed === undefined) {
      const command = GETH_COMMANDS.get(arg);
      faults.add(command === undefined ? strayWord(arg, before) : `${arg} (a command of geth): ${command}`);
      // The words of a command, as in `account new`, are not separate faults.
      if (command !== undefined) dropWords(queue);
      continue;
    }
    const name = flagNamed(typed);
    before = undefined;
    if (name === undefined) {
      const foreign = foreignFlag(typed);
      faults.add(foreign === undefined ? unknownFlag(typed) : foreignFault(typed, foreign));
      if (inline === undefined && !(foreign?.isSwitch ?? false)) dropValue(queue);
      continue;
    }
    const value = inline ?? FLAGS[name].kind.bare ?? queue.shift();
    if (value === undefined) faults.add(`--${name} needs a value: expected ${FLAGS[name].kind.expected}`);
    else result.push(`--${rename(name)}=${value}`);
    if (inline === undefined && FLAGS[name].kind.bare !== undefined) before = name;
  }
  if (faults.size > 0) throw new UsageError(listed([...faults]));
  return result;
}

/** Drops the value of an unknown flag: the next word, if it is no flag itself. */
function dropValue(queue: string[]): void {
  if (queue[0] !== undefined && !queue[0].startsWith("-")) queue.shift();
}

function dropWords(queue: string[]): void {
  while (queue[0] !== undefined && !queue[0].startsWith("-")) queue.shift();
}

function flagNamed(typed: string): FlagName | undefined {
  return FLAG_ROWS.find(([name, { letter, aliases }]) =>
    name === typed || letter === typed || aliases?.includes(typed) === true
  )?.[0];
}

/** The tables in their order. geth comes first: where a name is in several tables, most users mean geth's. */
function foreignFlag(typed: string): ForeignFlag | undefined {
  return GETH_FLAGS.get(typed) ?? GETH_OLD_FLAGS.get(typed) ?? ANVIL_FLAGS.get(typed);
}

function foreignFault(typed: string, { program, meaning, advice }: ForeignFlag): string {
  return `--${typed} (${program}: ${meaning}): ${advice}`;
}

function unknownFlag(typed: string): string {
  const near = nearest(typed, NAMES);
  const hint = near === undefined ? "--help lists every flag" : `did you mean --${near}?`;
  return `unknown flag ${quoted(`--${typed}`).slice(1, -1)}: ${hint}`;
}

function strayWord(word: string, before: FlagName | undefined): string {
  if (before !== undefined && FLAGS[before].kind.parse(word) !== undefined) {
    return `--${before} takes its value behind an equals sign: --${before}=${word}`;
  }
  return `unexpected argument ${quoted(word)}: expected only flags, and --help lists them`;
}

/** Joins faults into one message: several have a line each. */
function listed(faults: readonly string[]): string {
  if (faults.length === 1) return faults.join();
  return [`${faults.length} arguments cannot be used:`, ...faults.map((fault) => `  ${fault}`)].join("\n");
}
