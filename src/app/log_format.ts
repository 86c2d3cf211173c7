import { printable } from "../text/printable.ts";
/** The forms of a log line: geth's terminal form, logfmt and JSON (geth's log/format.go). */

/** The levels, as geth names them. */
export type LogLevelName = "error" | "warn" | "info" | "debug" | "trace";

/** `--log.format`. */
export type LogFormat = "terminal" | "logfmt" | "json";

/** One event of the log. */
export interface LogLine {
  readonly level: LogLevelName;
  readonly time: Date;
  readonly category: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The width to which a message is padded. geth's is 40; with 22, a line with an address fits into 100 columns. */
const MESSAGE_WIDTH = 22;
/** Values up to this width are aligned with those of the same field in earlier lines (geth's termCtxMaxPadding). */
const MAX_ALIGNED_WIDTH = 40;
/** geth writes larger numbers with separators (FormatLogfmtInt64). */
const SEPARATE_ABOVE = 100_000n;
/** A field longer than this is cut: clients choose some of them. */
const MAX_VALUE_CHARACTERS = 2048;

const COLORS: Readonly<Record<LogLevelName, number>> = { error: 31, warn: 33, info: 32, debug: 36, trace: 34 };

/** Makes a function that formats lines; in the terminal form it remembers the width of each field. */
export function createFormatter(format: LogFormat, options: { color: boolean }): (line: LogLine) => string {
  if (format === "json") return jsonLine;
  if (format === "logfmt") return logfmtLine;
  const widths = new Map<string, number>();
  return (line) => terminalLine(line, { color: options.color, widths });
}

function terminalLine(line: LogLine, style: { color: boolean; widths: Map<string, number> }): string {
  const name = line.level.toUpperCase().padEnd(5);
  const paint = (text: string) => style.color ? `\x1b[${COLORS[line.level]}m${text}\x1b[0m` : text;
  const head = `${paint(name)}[${terminalTime(line.time)}] ${printable(line.message)}`;
  const fields = Object.entries(line.fields);
  if (fields.length === 0) return head;
  const filler = " ".repeat(Math.max(0, MESSAGE_WIDTH - line.message.length));
  const last = fields.length - 1;
  const parts = fields.map(([key, value], index) => {
    const text = fieldText(value);
    const width = Math.max(style.widths.get(key) ?? 0, text.length);
    if (text.length <= MAX_ALIGNED_WIDTH) style.widths.set(key, Math.min(width, MAX_ALIGNED_WIDTH));
    const aligned = index === last || width > MAX_ALIGNED_WIDTH ? text : text.padEnd(width);
    return ` ${paint(printable(key))}=${aligned}`;
  });
  return head + filler + parts.join("");
}

function logfmtLine(line: LogLine): string {
  const fields = Object.entries(line.fields).map(([key, value]) => ` ${printable(key)}=${fieldText(value)}`);
  const head = `t=${line.time.toISOString()} lvl=${line.level} category=${printable(line.category)}`;
  return `${head} msg=${quoteWhereNeeded(line.message)}${fields.join("")}`;
}

function jsonLine(line: LogLine): string {
  const fields = Object.fromEntries(Object.entries(line.fields).map(([key, value]) => [key, jsonValue(value)]));
  return printable(
    JSON.stringify({
      t: line.time.toISOString(),
      lvl: line.level,
      category: line.category,
      msg: line.message,
      ...fields,
    }),
  );
}

function jsonValue(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  return plainText(value);
}

function fieldText(value: unknown): string {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))) {
    return separated(BigInt(value));
  }
  return quoteWhereNeeded(plainText(value));
}

function plainText(value: unknown): string {
  const text = value instanceof Error
    ? `${value.name}: ${value.message}`
    : Array.isArray(value)
    ? value.join(",")
    : String(value);
  return text.length > MAX_VALUE_CHARACTERS ? `${text.slice(0, MAX_VALUE_CHARACTERS)}...` : text;
}

function separated(value: bigint): string {
  const digits = value.toString();
  return value <= SEPARATE_ABOVE && value >= -SEPARATE_ABOVE ? digits : digits.replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** Quotes a value as geth does: one with a space, a quote, an equals sign or a character outside printable ASCII. */
function quoteWhereNeeded(text: string): string {
  return text !== "" && /^[\x23-\x3c\x3e-\x7e!]*$/.test(text) ? text : printable(JSON.stringify(text));
}

/** Returns the local time as geth writes it: `11-22|10:56:31.123`. */
function terminalTime(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  const milliseconds = String(time.getMilliseconds()).padStart(3, "0");
  return `${two(time.getMonth() + 1)}-${two(time.getDate())}|${clock}.${milliseconds}`;
}
