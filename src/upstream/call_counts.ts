import type { CallOutcome } from "./router.ts";

/** One call of an upstream. */
export interface UpstreamCall {
  readonly upstream: string;
  readonly method: string;
  readonly outcome: CallOutcome;
}

/** The most methods that are counted by name, because a client may make up names; the others are counted together. */
const MAX_METHODS = 256;

/** Counts the calls of the upstreams. */
export class CallCounts {
  readonly #counts = new Map<string, { readonly call: UpstreamCall; count: number }>();
  readonly #methods = new Set<string>();
  /** The number of switches to another upstream. */
  switches = 0;
  /** The number of blocks that were fetched to fill a gap. */
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

  /** Every combination that has occurred, with its count. */
  get calls(): readonly { readonly call: UpstreamCall; readonly count: number }[] {
    return [...this.#counts.values()];
  }
}
