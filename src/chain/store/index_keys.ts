import type { Hash, Hex, LogCriteria } from "../../eth/types.ts";
import type { EvmLog } from "../../primitives/receipt.ts";

// The keys of indexes on disk are numbers that a row holds in eight bytes: the beginnings of hashes. Two values with one
// key are rare, and harmless, because what is found is compared with what was looked for.

const TRANSACTION_KEY_DIGITS = 13;
const LOG_KEY_DIGITS = 12;
/** An address, or one of four topics by its position. */
const LOG_KEY_KINDS = 8;
const ADDRESS_KIND = 0;
const FIRST_TOPIC_KIND = 1;

/** The key of a transaction: 52 bits of its hash. */
export function transactionKey(hash: Hash): number {
  return parseInt(hash.slice(2, 2 + TRANSACTION_KEY_DIGITS), 16);
}

/** The keys of logs, each once. */
export function logKeysOf(logs: Iterable<Pick<EvmLog, "address" | "topics">>): Set<number> {
  const keys = new Set<number>();
  for (const { address, topics } of logs) {
    keys.add(logKey(ADDRESS_KIND, address));
    topics.forEach((topic, position) => keys.add(logKey(FIRST_TOPIC_KIND + position, topic)));
  }
  return keys;
}

/** The keys of which matching logs have one of each group; none when the criteria match all logs. */
export function logKeyGroups({ addresses, topics }: LogCriteria): readonly (readonly number[])[] {
  const groups = [
    addresses.map((address) => logKey(ADDRESS_KIND, address)),
    ...topics.map((wanted, position) => (wanted ?? []).map((topic) => logKey(FIRST_TOPIC_KIND + position, topic))),
  ];
  return groups.filter((keys) => keys.length > 0);
}

function logKey(kind: number, value: Hex): number {
  return parseInt(value.slice(2, 2 + LOG_KEY_DIGITS), 16) * LOG_KEY_KINDS + kind;
}
