import type { CallOutcome } from "./router.ts";

/** One call of an upstream. */
export interface UpstreamCall {
  readonly upstream: string;
  readonly method: string;
  readonly outcome: CallOutcome;
}

/** How many methods are counted by name; a client may make up names, the others are counted together. */
const MAX_METHODS = 256;

/** Counts what the upstreams were asked. */
export class CallCounts {
  readonly #counts = new Map<string, { readonly call: UpstreamCall; count: number }>();
  readonly #methods = new Set<string>();
  /** How often another upstream was followed. */
  switches = 0;
  /** How many blocks were fetched to fill a gap. */
  backfilled = 0;

  add(call: UpstreamCall): void {
    const known = this.#methods.has(call.method) || this.#methods.size < MAX_METHODS;
    const counted = known ? call : { ...call, method: "other" };
    if (known) this.#methods.add(call.method);
    const key = `${counted.upstream} ${counted.method} ${counted.outcome}`;
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { call: counted, count: 1 });
    else entry.count += 1;
  }

  /** Every combination that occurred. */
  get calls(): readonly { readonly call: UpstreamCall; readonly count: number }[] {
    return [...this.#counts.values()];
  }
}
