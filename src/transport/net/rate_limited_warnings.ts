import { type Clock, SYSTEM_CLOCK, type Timer } from "../../concurrency/clock.ts";
import type { TransportLog } from "./log.ts";

/** A warning that any client can cause at will. */
export interface StrangerWarning {
  readonly message: string;
  /** Warnings of one message and kind are counted together. */
  readonly kind: string;
  readonly fields: Record<string, unknown>;
}

/** The interval at which repeated warnings are summed up. */
const SUMMARY_MS = 10_000;
/** The most kinds with a line of their own, because a client can make up origins; others share a line until the summary. */
const MAX_KINDS = 100;
const OTHERS = "others";

interface Entry {
  readonly message: string;
  readonly fields: Record<string, unknown>;
  again: number;
}

/**
 * Logs warnings in a bounded number of lines: the first of each kind at once, and every ten seconds the number of those that
 * followed. After ten seconds without one, the next counts as the first again.
 */
export class RateLimitedWarnings {
  readonly #log: TransportLog;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Entry>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(log: TransportLog, clock: Clock = SYSTEM_CLOCK) {
    this.#log = log;
    this.#clock = clock;
  }

  warn({ message, kind, fields }: StrangerWarning): void {
    const key = `${message}: ${kind}`;
    const known = this.#kinds.get(key) ?? (this.#kinds.size >= MAX_KINDS ? this.#others(message) : undefined);
    if (known !== undefined) {
      known.again += 1;
      return;
    }
    this.#kinds.set(key, { message, fields, again: 0 });
    this.#log.warn(message, fields);
    this.#schedule();
  }

  /** Writes the last counts. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#summarize();
    this.#kinds.clear();
  }

  #others(message: string): Entry {
    const key = `${message}: ${OTHERS}`;
    const others = this.#kinds.get(key) ?? { message, fields: { reason: "many different ones" }, again: 0 };
    this.#kinds.set(key, others);
    return others;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = this.#clock.setTimer(SUMMARY_MS, () => {
      this.#timer = undefined;
      this.#summarize();
      if (this.#kinds.size > 0) this.#schedule();
    });
    // The timer of a log line must not keep the process alive.
    this.#timer.unref();
  }

  #summarize(): void {
    for (const [kind, entry] of this.#kinds) {
      if (entry.again === 0) {
        this.#kinds.delete(kind);
        continue;
      }
      const { peer: _first, ...fields } = entry.fields;
      this.#log.warn(entry.message, { ...fields, again: entry.again });
      entry.again = 0;
    }
  }
}
