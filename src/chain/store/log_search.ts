import type { LogCriteria } from "../../eth/types.ts";
import { logKeyGroups } from "./index_keys.ts";
import type { LogIds, StoredIndex } from "./stored_index.ts";

/** Steps without a find, after which the caller gets a chance for other work. */
const STEPS_BETWEEN_BREATHS = 64;

/**
 * A search for the blocks that have logs with one of the keys of each group. It goes from find to find: each group says its
 * next block, and the highest of them is where all go on, so that its cost is that of the rarest group.
 */
export class LogSearch {
  readonly #groups: readonly (readonly LogIds[])[];

  private constructor(groups: readonly (readonly LogIds[])[]) {
    this.#groups = groups;
  }

  /** Null when the criteria match all logs. */
  static of(index: StoredIndex, criteria: LogCriteria): LogSearch | null {
    const groups = logKeyGroups(criteria);
    return groups.length === 0 ? null : new LogSearch(groups.map((keys) => keys.map((key) => index.logIds(key))));
  }

  /** The ids of blocks from one id to another, ascending; undefined now and then while there is none. */
  *ids({ from, to }: { readonly from: number; readonly to: number }): Generator<number | undefined> {
    let at = from;
    let agreed = 0;
    for (let step = 1;; step++) {
      const group = this.#groups[step % this.#groups.length] ?? [];
      const next = lowest(group, at);
      if (next === undefined || next > to) return;
      agreed = next === at ? agreed + 1 : 1;
      at = next;
      if (agreed >= this.#groups.length) {
        yield at++;
        agreed = 0;
      } else if (step % STEPS_BETWEEN_BREATHS === 0) yield undefined;
    }
  }
}

function lowest(group: readonly LogIds[], from: number): number | undefined {
  let found: number | undefined;
  for (const ids of group) {
    const next = ids.from(from);
    if (next !== undefined && (found === undefined || next < found)) found = next;
  }
  return found;
}
