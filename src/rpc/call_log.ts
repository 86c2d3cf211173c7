import type { CallRecord } from "./dispatcher.ts";

/** The part of a logger that {@link CallLog} writes to. */
interface CallLogTarget {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
}

/** Writes a line for each served call, while it is switched on; off, a call is not even timed. */
export class CallLog {
  readonly #log: CallLogTarget;
  #level: "off" | "debug" | "info";

  constructor(log: CallLogTarget, options: { readonly enabled: boolean }) {
    this.#log = log;
    this.#level = options.enabled ? "debug" : "off";
  }

  /** Switches it while the server runs. Who asks for lines that way gets them at any verbosity that shows information. */
  enable(enabled: boolean): void {
    this.#level = enabled ? "info" : "off";
  }

  /** What the dispatcher is to call; undefined while it is off. */
  get observe(): ((record: CallRecord) => void) | undefined {
    return this.#level === "off" ? undefined : this.#write;
  }

  readonly #write = ({ method, ok, milliseconds }: CallRecord): void => {
    const fields = { method, ok, ms: milliseconds.toFixed(3) };
    if (this.#level === "info") this.#log.info("Served", fields);
    else this.#log.debug("Served", fields);
  };
}
