import type { LogEvent } from "../eth/types.ts";
import type { LogReader } from "./reader.ts";

/** A reader with more pairs of address and first topic than this is found by its addresses alone. */
const MAX_PAIRS_PER_READER = 1000;

/** The readers of one address (or of any address), by first topic. */
class Bucket {
  readonly byTopic = new Map<string, Set<LogReader>>();
  readonly anyTopic = new Set<LogReader>();

  get empty(): boolean {
    return this.byTopic.size === 0 && this.anyTopic.size === 0;
  }

  add(reader: LogReader, topics: readonly string[] | null): void {
    if (topics === null) {
      this.anyTopic.add(reader);
      return;
    }
    for (const topic of topics) {
      const readers = this.byTopic.get(topic);
      if (readers === undefined) this.byTopic.set(topic, new Set([reader]));
      else readers.add(reader);
    }
  }

  delete(reader: LogReader, topics: readonly string[] | null): void {
    if (topics === null) {
      this.anyTopic.delete(reader);
      return;
    }
    for (const topic of topics) {
      const readers = this.byTopic.get(topic);
      if (readers?.delete(reader) && readers.size === 0) this.byTopic.delete(topic);
    }
  }
}

/** Finds the readers of a log by its address and first topic, so that a log costs what it is wanted, not who listens. */
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
    const topic = log.topics[0];
    const bucket = this.#byAddress.get(log.address);
    // A reader sits under one address key and one topic key of a given log, so no two of these sets share a reader.
    if (bucket !== undefined) {
      if (topic !== undefined) visitMatching(bucket.byTopic.get(topic), { log, visit });
      visitMatching(bucket.anyTopic, { log, visit });
    }
    if (topic !== undefined) visitMatching(this.#anyAddress.byTopic.get(topic), { log, visit });
    visitMatching(this.#anyAddress.anyTopic, { log, visit });
  }
}

function topicKeys({ matcher }: LogReader): readonly string[] | null {
  const topics = matcher.firstTopic;
  if (topics === null) return null;
  return topics.length * Math.max(1, matcher.addresses.length) > MAX_PAIRS_PER_READER ? null : topics;
}

function visitMatching(
  readers: Set<LogReader> | undefined,
  { log, visit }: { log: LogEvent; visit: (reader: LogReader) => void },
): void {
  if (readers === undefined) return;
  for (const reader of readers) {
    if (reader.matcher.matches(log)) visit(reader);
  }
}
