import { CATEGORIES, environmentName, type Flag, FLAG_ROWS, type FlagName } from "./flags.ts";

const HELP_COLUMN = 36;
const LINE_WIDTH = 100;

/** Returns the text of `--help`. */
export function helpText(version: string): string {
  const sections = CATEGORIES.map((category) => {
    const rows = FLAG_ROWS.filter(([, row]) => row.category === category);
    return [category, "", ...rows.flatMap(([name, row]) => helpLines(name, row)), ""].join("\n");
  });
  return [
    "NAME:",
    "   sallyport - a geth-compatible JSON-RPC endpoint with an Ethereum chain behind it",
    "",
    "USAGE:",
    "   deno run --allow-net main.ts --ws [flags]",
    "",
    "VERSION:",
    `   ${version}`,
    "",
    ...sections,
    `Where reading the environment is allowed, ${environmentName("ws.port")} and so on give the defaults.`,
    "",
  ].join("\n");
}

/** Returns the README's flag table in Markdown. */
export function flagTable(): string {
  const lines = ["| flag | default | meaning |", "| --- | --- | --- |"];
  for (const category of CATEGORIES) {
    for (const [name, row] of FLAG_ROWS.filter(([, row]) => row.category === category)) {
      const shown = defaultText(row);
      const cells = [`\`${synopsis(name, row)}\``, shown === undefined ? "" : `\`${shown}\``, row.help];
      // A bar ends a cell even inside code (GitHub Flavored Markdown, section 4.10).
      lines.push(`| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    }
  }
  return lines.join("\n");
}

function synopsis(name: FlagName, row: Flag<unknown>): string {
  const letter = row.letter === undefined ? "" : `, -${row.letter}`;
  return `--${name}${letter}${row.kind.placeholder === "" ? "" : ` ${row.kind.placeholder}`}`;
}

/** Returns the default as a user would type it; undefined where there is none to show. */
function defaultText(row: Flag<unknown>): string | undefined {
  if (row.default === undefined || row.default === false) return undefined;
  const text = row.kind.format(row.default);
  return text === "" || text === "false" ? undefined : text;
}

function helpLines(name: FlagName, row: Flag<unknown>): string[] {
  const shown = defaultText(row);
  const head = `   ${synopsis(name, row)}`;
  const words = row.help.split(" ");
  if (shown !== undefined) words.push(`(default: ${shown})`);
  const body = wrap(words, LINE_WIDTH - HELP_COLUMN);
  const first = head.length < HELP_COLUMN - 1 ? [head.padEnd(HELP_COLUMN) + (body.shift() ?? "")] : [head];
  return [...first, ...body.map((line) => " ".repeat(HELP_COLUMN) + line)];
}

function wrap(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
