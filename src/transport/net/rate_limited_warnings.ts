import { type Clock, SYSTEM_CLOCK, type Timer } from "../../concurrency/clock.ts";
import type { TransportLog } from "./log.ts";

/** A warning that a stranger can cause at will. */
export interface StrangerWarning {
  readonly message: string;
  /** Warnings of one message and kind are counted together. */
  readonly kind: string;
  readonly fields: Record<string, unknown>;
}

/** How often repeated warnings are summed up. */
const SUMMARY_MS = 10_000;
/** A stranger can make up an origin for each attempt; further kinds share a line until the next summary. */
const MAX_KINDS = 100;
const OTHERS = "others";

interface Entry {
  readonly message: string;
  readonly fields: Record<string, unknown>;
  again: number;
}

/**
 * Logs warnings without letting strangers fill the log: the first of each kind at once, and the number of those that follow
 * every ten seconds. After ten seconds without one, the next is a first one again.
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

  /** Sums up what is left. */
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
    // A log line is no reason to keep the process alive.
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
