import type { Hex, LogCriteria } from "../../eth/types.ts";
import type { BlockRecord } from "./block_record.ts";

/**
 * Which blocks have logs of an address, and logs with a first topic: ascending block numbers each. Only these two,
 * because later topics are mostly unique values, whose lists would be larger than the logs themselves.
 */
export class BlockLogIndex {
  readonly #blocks = new Map<Hex, number[]>();

  add(record: BlockRecord): void {
    const number = Number(record.number);
    for (const key of keysOf(record)) {
      const list = this.#blocks.get(key);
      if (list === undefined) this.#blocks.set(key, [number]);
      else list.push(number);
    }
  }

  /** Forgets the newest block. */
  remove(record: BlockRecord): void {
    const number = Number(record.number);
    for (const key of keysOf(record)) {
      const list = this.#blocks.get(key);
      if (list?.at(-1) !== number) continue;
      list.pop();
      if (list.length === 0) this.#blocks.delete(key);
    }
  }

  /** The blocks of a range that may hold matching logs, ascending; null when the index does not narrow them. */
  candidates(criteria: LogCriteria, range: { readonly from: number; readonly to: number }): number[] | null {
    const first = criteria.topics[0];
    const groups = [criteria.addresses, first ?? []].filter((keys) => keys.length > 0);
    if (groups.length === 0) return null;
    let found: number[] | null = null;
    for (const keys of groups) {
      const members = this.#union(keys, range);
      if (found === null) found = [...members].sort((one, other) => one - other);
      else found = found.filter((number) => members.has(number));
    }
    return found;
  }

  #union(keys: readonly Hex[], range: { readonly from: number; readonly to: number }): Set<number> {
    const members = new Set<number>();
    for (const key of keys) {
      const list = this.#blocks.get(key) ?? [];
      for (let index = lowerBound(list, range.from); index < list.length; index++) {
        const number = list[index];
        if (number === undefined || number > range.to) break;
        members.add(number);
      }
    }
    return members;
  }
}

/** An address has 20 bytes and a topic 32, so that one map holds both. */
function keysOf(record: BlockRecord): Set<Hex> {
  const keys = new Set<Hex>();
  if (record.header.gasUsed === 0n) return keys;
  for (const receipt of record.receipts()) {
    for (const log of receipt.logs) {
      keys.add(log.address);
      if (log.topics[0] !== undefined) keys.add(log.topics[0]);
    }
  }
  return keys;
}

function lowerBound(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** True when a log is of one of the addresses and has the topics, position by position (geth's includes). */
export function matches(
  criteria: LogCriteria,
  log: { readonly address: Hex; readonly topics: readonly Hex[] },
): boolean {
  if (criteria.addresses.length > 0 && !criteria.addresses.includes(log.address)) return false;
  if (criteria.topics.length > log.topics.length) return false;
  return criteria.topics.every((wanted, index) => {
    const topic = log.topics[index];
    return wanted === null || wanted.length === 0 || (topic !== undefined && wanted.includes(topic));
  });
}
