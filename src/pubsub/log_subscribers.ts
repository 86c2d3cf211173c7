import type { LogEvent } from "../events/mod.ts";
import type { LogSubscriber } from "./subscriber.ts";

/** A subscriber with more pairs of address and topics than this is looked up by its addresses alone. */
const MAX_PAIRS_PER_SUBSCRIBER = 1000;

/** The topics by which a subscriber is looked up. */
interface TopicKeys {
  /** Bit n is set when topic n is part of the key. */
  readonly positions: number;
  /** Those topics, one after the other; one key for each alternative. */
  readonly keys: readonly string[];
}

/** The subscribers of one address (or of any address), by the topics that they name. */
class Bucket {
  readonly #byPositions = new Map<number, Map<string, Set<LogSubscriber>>>();

  get empty(): boolean {
    return this.#byPositions.size === 0;
  }

  add(subscriber: LogSubscriber, { positions, keys }: TopicKeys): void {
    let byKey = this.#byPositions.get(positions);
    if (byKey === undefined) this.#byPositions.set(positions, byKey = new Map());
    for (const key of keys) {
      const subscribers = byKey.get(key);
      if (subscribers === undefined) byKey.set(key, new Set([subscriber]));
      else subscribers.add(subscriber);
    }
  }

  delete(subscriber: LogSubscriber, { positions, keys }: TopicKeys): void {
    const byKey = this.#byPositions.get(positions);
    if (byKey === undefined) return;
    for (const key of keys) {
      const subscribers = byKey.get(key);
      if (subscribers?.delete(subscriber) && subscribers.size === 0) byKey.delete(key);
    }
    if (byKey.size === 0) this.#byPositions.delete(positions);
  }

  /** Calls `notify` once for each subscriber whose criteria the log meets. */
  forEachMatch(log: LogEvent, notify: (subscriber: LogSubscriber) => void): void {
    for (const [positions, byKey] of this.#byPositions) {
      // A log has one key at given positions, so no subscriber is in two of these sets.
      const key = keyAt(positions, (position) => log.topics[position]);
      const subscribers = key === null ? undefined : byKey.get(key);
      if (subscribers === undefined) continue;
      for (const subscriber of subscribers) {
        if (subscriber.matcher.matches(log)) notify(subscriber);
      }
    }
  }
}

/**
 * The subscribers to logs, indexed by address and topics: the cost of a log grows with the subscriptions that match it, not
 * with all of them.
 */
export class LogSubscribers {
  readonly #subscribers = new Set<LogSubscriber>();
  readonly #byAddress = new Map<string, Bucket>();
  readonly #anyAddress = new Bucket();

  get size(): number {
    return this.#subscribers.size;
  }

  /** All of them, in the order in which they were added. */
  [Symbol.iterator](): IterableIterator<LogSubscriber> {
    return this.#subscribers.values();
  }

  add(subscriber: LogSubscriber): void {
    if (this.#subscribers.has(subscriber)) return;
    this.#subscribers.add(subscriber);
    const topics = topicKeys(subscriber);
    const { addresses } = subscriber.matcher;
    if (addresses.length === 0) this.#anyAddress.add(subscriber, topics);
    for (const address of addresses) {
      let bucket = this.#byAddress.get(address);
      if (bucket === undefined) this.#byAddress.set(address, bucket = new Bucket());
      bucket.add(subscriber, topics);
    }
  }

  delete(subscriber: LogSubscriber): boolean {
    if (!this.#subscribers.delete(subscriber)) return false;
    const topics = topicKeys(subscriber);
    const { addresses } = subscriber.matcher;
    if (addresses.length === 0) this.#anyAddress.delete(subscriber, topics);
    for (const address of addresses) {
      const bucket = this.#byAddress.get(address);
      bucket?.delete(subscriber, topics);
      if (bucket?.empty) this.#byAddress.delete(address);
    }
    return true;
  }

  /** Calls `notify` once for each subscriber whose criteria the log meets. */
  forEachMatch(log: LogEvent, notify: (subscriber: LogSubscriber) => void): void {
    this.#byAddress.get(log.address)?.forEachMatch(log, notify);
    this.#anyAddress.forEachMatch(log, notify);
  }
}

/**
 * Uses every topic for which a subscriber names one value, and of the other topics the one with the fewest alternatives:
 * the filters of wallets (transfers of one token to an address each) differ in a later topic, not in the first.
 */
function topicKeys({ matcher }: LogSubscriber): TopicKeys {
  const { topics, addresses } = matcher;
  let widest: readonly string[] = [];
  let positions = 0;
  let wide = -1;
  topics.forEach((alternatives, position) => {
    if (alternatives === null) return;
    if (alternatives.length === 1) positions |= 1 << position;
    else if (wide === -1 || alternatives.length < widest.length) [wide, widest] = [position, alternatives];
  });
  if (wide !== -1 && widest.length * Math.max(1, addresses.length) <= MAX_PAIRS_PER_SUBSCRIBER) positions |= 1 << wide;
  else widest = [""];
  const keys = widest.map((chosen) =>
    keyAt(positions, (position) => position === wide ? chosen : topics[position]?.[0]) ?? ""
  );
  return { positions, keys };
}

/** Joins the topics at `positions`; null when the log lacks one. All topics have one length, so the key is unambiguous. */
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
