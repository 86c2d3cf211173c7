import type { LogEvent } from "../eth/types.ts";
import type { LogReader } from "./reader.ts";

/** A reader with more pairs of address and topics than this is found by its addresses alone. */
const MAX_PAIRS_PER_READER = 1000;

/** The topics by which a reader is found. */
interface TopicKeys {
  /** Bit n is set when topic n is part of the key. */
  readonly positions: number;
  /** Those topics, one after the other; one key for each alternative. */
  readonly keys: readonly string[];
}

/** The readers of one address (or of any address), by the topics that they name. */
class Bucket {
  readonly #byPositions = new Map<number, Map<string, Set<LogReader>>>();

  get empty(): boolean {
    return this.#byPositions.size === 0;
  }

  add(reader: LogReader, { positions, keys }: TopicKeys): void {
    let byKey = this.#byPositions.get(positions);
    if (byKey === undefined) this.#byPositions.set(positions, byKey = new Map());
    for (const key of keys) {
      const readers = byKey.get(key);
      if (readers === undefined) byKey.set(key, new Set([reader]));
      else readers.add(reader);
    }
  }

  delete(reader: LogReader, { positions, keys }: TopicKeys): void {
    const byKey = this.#byPositions.get(positions);
    if (byKey === undefined) return;
    for (const key of keys) {
      const readers = byKey.get(key);
      if (readers?.delete(reader) && readers.size === 0) byKey.delete(key);
    }
    if (byKey.size === 0) this.#byPositions.delete(positions);
  }

  /** Calls `visit` once for each reader whose criteria the log meets. */
  visit(log: LogEvent, visit: (reader: LogReader) => void): void {
    for (const [positions, byKey] of this.#byPositions) {
      // A log has one key at given positions, so no two of these sets share a reader.
      const key = keyAt(positions, (position) => log.topics[position]);
      const readers = key === null ? undefined : byKey.get(key);
      if (readers === undefined) continue;
      for (const reader of readers) {
        if (reader.matcher.matches(log)) visit(reader);
      }
    }
  }
}

/** Finds the readers of a log by its address and topics, so that a log costs what it is wanted, not who listens. */
export class LogIndex {
  readonly #readers = new Set<LogReader>();
  readonly #byAddress = new Map<string, Bucket>();
  readonly #anyAddress = new Bucket();

  get size(): number {
    return this.#readers.size;
  }

  /** All readers, in the order in which they were added. */
  [Symbol.iterator](): IterableIterator<LogReader> {
    return this.#readers.values();
  }

  add(reader: LogReader): void {
    if (this.#readers.has(reader)) return;
    this.#readers.add(reader);
    const topics = topicKeys(reader);
    const { addresses } = reader.matcher;
    if (addresses.length === 0) this.#anyAddress.add(reader, topics);
    for (const address of addresses) {
      let bucket = this.#byAddress.get(address);
      if (bucket === undefined) this.#byAddress.set(address, bucket = new Bucket());
      bucket.add(reader, topics);
    }
  }

  delete(reader: LogReader): boolean {
    if (!this.#readers.delete(reader)) return false;
    const topics = topicKeys(reader);
    const { addresses } = reader.matcher;
    if (addresses.length === 0) this.#anyAddress.delete(reader, topics);
    for (const address of addresses) {
      const bucket = this.#byAddress.get(address);
      bucket?.delete(reader, topics);
      if (bucket?.empty) this.#byAddress.delete(address);
    }
    return true;
  }

  /** Calls `visit` once for each reader whose criteria the log meets. */
  visit(log: LogEvent, visit: (reader: LogReader) => void): void {
    this.#byAddress.get(log.address)?.visit(log, visit);
    this.#anyAddress.visit(log, visit);
  }
}

/**
 * All topics of which a reader names one, and of the others the one with the fewest alternatives: what wallets ask for
 * (one token's transfers to an address each) differs in a later topic than the first.
 */
function topicKeys({ matcher }: LogReader): TopicKeys {
  const { topics, addresses } = matcher;
  let widest: readonly string[] = [];
  let positions = 0;
  let wide = -1;
  topics.forEach((alternatives, position) => {
    if (alternatives === null) return;
    if (alternatives.length === 1) positions |= 1 << position;
    else if (wide === -1 || alternatives.length < widest.length) [wide, widest] = [position, alternatives];
  });
  if (wide !== -1 && widest.length * Math.max(1, addresses.length) <= MAX_PAIRS_PER_READER) positions |= 1 << wide;
  else widest = [""];
  const keys = widest.map((chosen) =>
    keyAt(positions, (position) => position === wide ? chosen : topics[position]?.[0]) ?? ""
  );
  return { positions, keys };
}

/** The topics at `positions`, joined; null when one of them is missing. All have one length, so that no two keys meet. */
function keyAt(positions: number, topicAt: (position: number) => string | undefined): string | null {
  let key = "";
  for (let position = 0; positions >> position !== 0; position++) {
    if ((positions & (1 << position)) === 0) continue;
    const topic = topicAt(position);
    if (topic === undefined) return null;
    key += topic;
  }
  return key;
}
