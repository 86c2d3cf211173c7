import type { Address, Hash, LogCriteria } from "../eth/types.ts";
import type { LogEvent } from "../events/mod.ts";

/** From this many alternatives on, a Set answers faster than a scan of the list. */
const SCAN_LIMIT = 8;

type Alternatives = { has(value: string): boolean } | null;

function alternatives(values: readonly string[] | null): Alternatives {
  if (values === null) return null;
  if (values.length > SCAN_LIMIT) return new Set(values);
  return { has: (value) => values.includes(value) };
}

/** Log criteria, prepared once for many logs. */
export class LogMatcher {
  readonly addresses: readonly Address[];
  /** The alternatives of each topic, null where any will do. */
  readonly topics: readonly (readonly Hash[] | null)[];
  readonly #addresses: Alternatives;
  readonly #topics: readonly Alternatives[];

  constructor(criteria: LogCriteria) {
    this.addresses = [...new Set(criteria.addresses)];
    this.topics = criteria.topics.map((topics) => topics === null ? null : [...new Set(topics)]);
    this.#addresses = this.addresses.length === 0 ? null : alternatives(this.addresses);
    this.#topics = this.topics.map(alternatives);
  }

  /** As geth's filterLogs: a position that the log does not have fails even where the filter takes any topic. */
  matches(log: LogEvent): boolean {
    if (this.#addresses !== null && !this.#addresses.has(log.address)) return false;
    if (this.#topics.length > log.topics.length) return false;
    return this.#topics.every((wanted, position) => wanted === null || wanted.has(log.topics[position] ?? ""));
  }
}
