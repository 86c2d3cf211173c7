import { directLog } from "./log.ts";
import { createFormatter, type LogFormat, type LogLevelName } from "./log_format.ts";
import { stderr } from "./stderr.ts";

/** The levels; geth's --verbosity is the number of them that are shown. */
const LEVELS: readonly LogLevelName[] = ["error", "warn", "info", "debug", "trace"];

export interface EarlyLogOptions {
  readonly verbosity: number;
  readonly format: LogFormat;
  readonly color: boolean;
}

/** Writes log lines in the same form until the logging library is loaded; `configureLog` then replaces it. */
export function openEarlyLog({ verbosity, format, color }: EarlyLogOptions): void {
  const text = createFormatter(format, { color });
  directLog((event) => {
    if (LEVELS.indexOf(event.level) < verbosity) stderr.write(text({ ...event, time: new Date() }));
  });
}
