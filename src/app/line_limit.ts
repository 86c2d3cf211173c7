import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import type { LogLine } from "./log_format.ts";

/** The most warnings and errors with the same message that are written within one window. */
const MAX_LINES = 20;
const WINDOW_MS = 10_000;
/** The most messages that are counted. Messages are constants of the program, so there are few. */
const MAX_MESSAGES = 1_000;

/** Lines of one message in the present window. */
interface Window {
  readonly first: LogLine;
  lines: number;
  omitted: number;
}

/**
 * Bounds the number of warnings and errors of a kind: clients can cause them at will, and a log without a bound would fill
 * the disk and hide other lines. Lines beyond the limit are counted, and one line then gives their number. Lines of lower
 * levels are not limited, because `--verbosity` asks for them.
 */
export class LineLimit {
  readonly #write: (line: LogLine) => void;
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();

  constructor(write: (line: LogLine) => void, { clock = SYSTEM_CLOCK }: { clock?: Clock } = {}) {
    this.#write = write;
    this.#clock = clock;
  }

  /** Writes the line, or counts it. */
  pass(line: LogLine): void {
    if (line.level !== "warn" && line.level !== "error") return this.#write(line);
    const key = `${line.category} ${line.message}`;
    const window = this.#windows.get(key) ?? this.#open(key, line);
    if (window === undefined || window.lines < MAX_LINES) {
      if (window !== undefined) window.lines += 1;
      this.#write(line);
    } else {
      window.omitted += 1;
    }
  }

  #open(key: string, first: LogLine): Window | undefined {
    if (this.#windows.size >= MAX_MESSAGES) return undefined;
    const window = { first, lines: 0, omitted: 0 };
    this.#windows.set(key, window);
    // The timer of a log line must not keep the process alive.
    this.#clock.setTimer(WINDOW_MS, () => this.#close(key)).unref();
    return window;
  }

  #close(key: string): void {
    const window = this.#windows.get(key);
    this.#windows.delete(key);
    if (window === undefined || window.omitted === 0) return;
    const { level, category, message } = window.first;
    const fields = { like: message, count: window.omitted, seconds: WINDOW_MS / 1_000 };
    this.#write({ level, category, message: "More lines of a kind", fields, time: new Date() });
  }
}
