/**
 * The log: the one place that knows the logging library. Every layer asks `logger("rpc")` for a logger by category and
 * calls it with a message and fields; `main.ts` configures level, form and colour once. Anyone may import this file; it
 * imports only `log_format.ts`.
 */
import { configureSync, getLogger, type LogLevel, type LogRecord, resetSync } from "@logtape/logtape";
import { createFormatter, type LogFormat, type LogLine } from "./log_format.ts";

/** What a layer writes its log lines to. */
export interface Logger {
  error(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  debug(message: string, fields?: Record<string, unknown>): void;
  trace(message: string, fields?: Record<string, unknown>): void;
}

export interface LogOptions {
  /** geth's scale: 0 silent, 1 error, 2 warn, 3 info, 4 debug, 5 trace. */
  readonly verbosity: number;
  readonly format: LogFormat;
  /** Colours the level; only the terminal form has colours. */
  readonly color: boolean;
  /** Takes each line, without its line feed; stderr when absent. */
  readonly write?: (line: string) => void;
}

/** geth's --verbosity, as the library's names of the lowest level that is still shown. */
const LEVELS: readonly LogLevel[] = ["fatal", "error", "warning", "info", "debug", "trace"];
const ROOT = "sallyport";

/** Sets level, form and target of all loggers, also of those handed out already. */
export function configureLog(options: LogOptions): void {
  const format = createFormatter(options.format, { color: options.color });
  const write = options.write ?? writeToStderr;
  const lowestLevel = LEVELS[options.verbosity] ?? "info";
  configureSync({
    reset: true,
    sinks: { lines: (record) => write(format(lineOf(record))) },
    loggers: [
      { category: ROOT, sinks: options.verbosity === 0 ? [] : ["lines"], lowestLevel },
      // The library's own voice: only when it fails.
      { category: ["logtape", "meta"], sinks: ["lines"], lowestLevel: "error" },
    ],
  });
}

/** Silences all loggers again. */
export function resetLog(): void {
  resetSync();
}

/** Gives the logger of a category, usually a layer's name. Nothing is written before {@link configureLog}. */
export function logger(category: string): Logger {
  const target = getLogger([ROOT, category]);
  return {
    error: (message, fields = {}) => target.error(message, fields),
    warn: (message, fields = {}) => target.warning(message, fields),
    info: (message, fields = {}) => target.info(message, fields),
    debug: (message, fields = {}) => target.debug(message, fields),
    trace: (message, fields = {}) => target.trace(message, fields),
  };
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

const encoder = new TextEncoder();

function writeToStderr(line: string): void {
  let bytes = encoder.encode(`${line}\n`);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
  } catch {
    // Whoever read stderr is gone. The server must go on, and there is no other place to say so.
  }
}
