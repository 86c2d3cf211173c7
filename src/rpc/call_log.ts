import { type CallRecord, observed } from "./call_record.ts";
import type { Layer } from "./layer.ts";

/** The part of a logger that {@link CallLog} writes to. */
interface CallLogTarget {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
}

/** Writes a line for each served call while it is switched on; while it is off, calls are not timed. */
export class CallLog {
  readonly #log: CallLogTarget;
  /** Writes the lines; goes around every call of a connection. */
  readonly layer: Layer;
  #level: "off" | "debug" | "info";

  constructor(log: CallLogTarget, options: { readonly enabled: boolean }) {
    this.#log = log;
    this.#level = options.enabled ? "debug" : "off";
    this.layer = observed(() => this.#level === "off" ? undefined : this.#write);
  }

  /** Switches the log on or off while the server runs. Its lines are then of level info, which the default verbosity shows. */
  enable(enabled: boolean): void {
    this.#level = enabled ? "info" : "off";
  }

  readonly #write = ({ method, ok, milliseconds }: CallRecord): void => {
    const fields = { method, ok, ms: milliseconds.toFixed(3) };
    if (this.#level === "info") this.#log.info("Served", fields);
    else this.#log.debug("Served", fields);
  };
}
