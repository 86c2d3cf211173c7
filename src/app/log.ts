/**
 * The log as every layer sees it: `logger("rpc")` gives a logger by category, which is called with a message and fields.
 * Nothing is written before `log_setup.ts` has said how. This file imports nothing, so that the part of the program that
 * runs before any package is loaded can have a logger too.
 */
import type { LogLevelName } from "./log_format.ts";

/** The log, as a layer writes to it. */
export interface Logger {
  error(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  debug(message: string, fields?: Record<string, unknown>): void;
  trace(message: string, fields?: Record<string, unknown>): void;
}

/** One call of a logger. */
export interface LogEvent {
  readonly level: LogLevelName;
  readonly category: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

let take: ((event: LogEvent) => void) | undefined;

/** Sets the function that takes the events of all loggers, also of those that exist already; undefined for none. */
export function directLog(taker: ((event: LogEvent) => void) | undefined): void {
  take = taker;
}

/** Returns the logger of a category, usually a layer's name. */
export function logger(category: string): Logger {
  const writer = (level: LogLevelName) => (message: string, fields: Record<string, unknown> = {}) =>
    take?.({ level, category, message, fields });
  return {
    error: writer("error"),
    warn: writer("warn"),
    info: writer("info"),
    debug: writer("debug"),
    trace: writer("trace"),
  };
}
