/**
 * Level, form and target of the log. Only this file imports the logging library. The program calls it once; the library
 * for other programs never calls it, and so writes nothing.
 */
import { configureSync, getLogger, type LogLevel, type LogRecord, resetSync } from "@logtape/logtape";
import { LineLimit } from "./line_limit.ts";
import { directLog, type LogEvent } from "./log.ts";
import { createFormatter, type LogFormat, type LogLine } from "./log_format.ts";
import { stderr } from "./stderr.ts";

export interface LogOptions {
  /** geth's scale: 0 silent, 1 error, 2 warn, 3 info, 4 debug, 5 trace. */
  readonly verbosity: number;
  readonly format: LogFormat;
  /** Colours the level; only the terminal form has colours. */
  readonly color: boolean;
  /** Takes each line, without its line feed; stderr when absent. */
  readonly write?: (line: string) => void;
}

/** The library's name of the lowest level that is shown, by geth's --verbosity. */
const LEVELS: readonly LogLevel[] = ["fatal", "error", "warning", "info", "debug", "trace"];
const ROOT = "sallyport";

/** Sets level, form and target of all loggers, also of those that exist already. */
export function configureLog(options: LogOptions): void {
  const format = createFormatter(options.format, { color: options.color });
  const write = options.write ?? ((line) => stderr.write(line));
  const limit = new LineLimit((line) => write(format(line)));
  stderr.droppedLine = (count) => format(droppedLine(count));
  configureSync({
    reset: true,
    sinks: { lines: (record) => limit.pass(lineOf(record)) },
    loggers: [
      {
        category: ROOT,
        sinks: options.verbosity === 0 ? [] : ["lines"],
        lowestLevel: LEVELS[options.verbosity] ?? "info",
      },
      // Of the library's own messages, only its failures.
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "error" },
    ],
  });
  directLog(writeEvent);
}

/** Silences all loggers again. */
export function resetLog(): void {
  directLog(undefined);
  resetSync();
}

function writeEvent({ level, category, message, fields }: LogEvent): void {
  const target = getLogger([ROOT, category]);
  if (level === "warn") target.warning(message, fields);
  else target[level](message, fields);
}

function lineOf(record: LogRecord): LogLine {
  // The raw message, because the library reads braces in a message as placeholders.
  const message = typeof record.rawMessage === "string" ? record.rawMessage : record.rawMessage.join("");
  return {
    level: record.level === "warning" ? "warn" : record.level === "fatal" ? "error" : record.level,
    time: new Date(record.timestamp),
    category: record.category.slice(1).join("."),
    message,
    fields: record.properties,
  };
}

function droppedLine(count: number): LogLine {
  const message = "Log lines dropped, as stderr was not read";
  return { level: "warn", time: new Date(), category: "log", message, fields: { count } };
}
