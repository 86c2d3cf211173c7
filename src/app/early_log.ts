import { directLog } from "./log.ts";
import { createFormatter, type LogFormat, type LogLevelName } from "./log_format.ts";
import { stderr } from "./stderr.ts";

/** geth's --verbosity counts how many of these are shown. */
const LEVELS: readonly LogLevelName[] = ["error", "warn", "info", "debug", "trace"];

export interface EarlyLogOptions {
  readonly verbosity: number;
  readonly format: LogFormat;
  readonly color: boolean;
}

/** Writes the lines of the time before the logging library is loaded, in the same form. `configureLog` takes over. */
export function openEarlyLog({ verbosity, format, color }: EarlyLogOptions): void {
  const text = createFormatter(format, { color });
  directLog((event) => {
    if (LEVELS.indexOf(event.level) < verbosity) stderr.write(text({ ...event, time: new Date() }));
  });
}
