import type { TransportLog } from "./log.ts";

/** What tells one kind of refusal from another: each is told of at once the first time. */
export interface RefusalLine {
  readonly kind: string;
  readonly fields: Record<string, unknown>;
}

/** How often refusals that were told of before are summed up. */
const SUMMARY_MS = 10_000;
/** A stranger can make up an origin for each attempt; further ones share a line until the next summary. */
const MAX_KINDS = 100;
const OTHERS = "others";
const MESSAGE = "Rejected WebSocket connection";

/**
 * Warns of refused connections without letting strangers fill the log: the first of each kind at once, those that follow
 * as one count every ten seconds. Silence for as long makes it the first again.
 */
export class RefusalLog {
  readonly #log: TransportLog;
  readonly #kinds = new Map<string, { fields: Record<string, unknown>; again: number }>();
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(log: TransportLog, { everyMs = SUMMARY_MS }: { everyMs?: number } = {}) {
    this.#log = log;
    this.#everyMs = everyMs;
  }

  warn({ kind, fields }: RefusalLine): void {
    const known = this.#kinds.get(kind) ?? (this.#kinds.size >= MAX_KINDS ? this.#others() : undefined);
    if (known !== undefined) {
      known.again += 1;
      return;
    }
    this.#kinds.set(kind, { fields, again: 0 });
    this.#log.warn(MESSAGE, fields);
    this.#schedule();
  }

  /** Sums up what is left. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#summarize();
    this.#kinds.clear();
  }

  #others(): { fields: Record<string, unknown>; again: number } {
    const others = this.#kinds.get(OTHERS) ?? { fields: { reason: "many different ones" }, again: 0 };
    this.#kinds.set(OTHERS, others);
    return others;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#summarize();
      if (this.#kinds.size > 0) this.#schedule();
    }, this.#everyMs);
    // Nothing is kept alive for the sake of a log line.
    Deno.unrefTimer(this.#timer);
  }

  #summarize(): void {
    for (const [kind, entry] of this.#kinds) {
      if (entry.again === 0) {
        this.#kinds.delete(kind);
        continue;
      }
      const { peer: _first, ...fields } = entry.fields;
      this.#log.warn(MESSAGE, { ...fields, again: entry.again });
      entry.again = 0;
    }
  }
}
