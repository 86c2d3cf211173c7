import type { Connection } from "./connection.ts";
import { limitError } from "./error.ts";
import { MAX_HELD_UNITS } from "./limits.ts";
import type { Log } from "./log.ts";
import { encode } from "./message.ts";
import type { Sink } from "./method.ts";

/** Random bits of a subscription id, as in geth (rpc/subscription.go `NewID`). */
const ID_BITS = 128;

/** The close code that a transport uses for a reader that cannot keep up. */
const CLOSE_SLOW_CONSUMER = 4008;

/** RFC 6455 section 7.4.1: the server met a condition that it did not expect. */
const CLOSE_INTERNAL_ERROR = 1011;

/** Makes a subscription id: random bits as a quantity, so without leading zeros. */
export function randomSubscriptionId(): string {
  const words = crypto.getRandomValues(new BigUint64Array(ID_BITS / 64));
  const value = words.reduce((sum, word) => (sum << 64n) | word, 0n);
  return `0x${value.toString(16)}`;
}

export interface SubscriptionsOptions {
  /** At most so many pending and live ones; 0 is no limit. */
  limit: number;
  log: Log;
  newId: () => string;
}

/** The subscriptions of one connection. */
export class Subscriptions {
  readonly #connection: Connection;
  readonly #options: SubscriptionsOptions;
  readonly #live = new Map<string, LiveSubscription>();
  #pending = 0;
  #closed = false;

  constructor(connection: Connection, options: SubscriptionsOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Reserves a place and an id. The caller must either accept or reject what it gets. */
  open(namespace: string): PendingSubscription {
    const { limit, newId } = this.#options;
    const count = this.#live.size + this.#pending;
    if (limit !== 0 && count >= limit) {
      throw limitError("too many subscriptions on this connection", limit, count + 1);
    }
    this.#pending += 1;
    const sink = new HeldSink(this.#connection, { id: newId(), namespace, log: this.#options.log });
    return new PendingSubscription(sink, {
      accepted: (subscription) => this.#accept(subscription),
      rejected: () => this.#pending -= 1,
    });
  }

  /** Ends one; false when there is none with this id. */
  unsubscribe(id: string): boolean {
    const subscription = this.#live.get(id);
    if (subscription === undefined) return false;
    this.#live.delete(id);
    this.#end(subscription);
    return true;
  }

  /** Ends all, for good: the connection is gone. */
  close(): void {
    this.#closed = true;
    const ending = [...this.#live.values()];
    this.#live.clear();
    for (const subscription of ending) this.#end(subscription);
  }

  #accept(subscription: LiveSubscription): void {
    this.#pending -= 1;
    if (this.#closed) this.#end(subscription);
    else this.#live.set(subscription.id, subscription);
  }

  #end(subscription: LiveSubscription): void {
    try {
      subscription.end();
    } catch (cause) {
      this.#options.log.error("Subscription failed to end", { id: subscription.id, cause });
    }
  }
}

/** A subscription whose call has no answer yet: its feed may write, and nothing leaves. */
export class PendingSubscription {
  readonly #sink: HeldSink;
  readonly #owner: { accepted: (subscription: LiveSubscription) => void; rejected: () => void };

  constructor(
    sink: HeldSink,
    owner: { accepted: (subscription: LiveSubscription) => void; rejected: () => void },
  ) {
    this.#sink = sink;
    this.#owner = owner;
  }

  get sink(): Sink {
    return this.#sink;
  }

  /** The feed runs; `stop` ends it, and is called exactly once, at once when the connection is gone already. */
  accept(stop: () => void): LiveSubscription {
    const subscription = new LiveSubscription(this.#sink, stop);
    this.#owner.accepted(subscription);
    return subscription;
  }

  /** The feed did not start. */
  reject(): void {
    this.#sink.end();
    this.#owner.rejected();
  }
}

/** A subscription that has a feed. Only this type can be released, and only an answered call does so. */
export class LiveSubscription {
  readonly #sink: HeldSink;
  readonly #stop: () => void;

  constructor(sink: HeldSink, stop: () => void) {
    this.#sink = sink;
    this.#stop = stop;
  }

  get id(): string {
    return this.#sink.id;
  }

  /** The answer is on its way: what was held follows it, and from now on notifications leave at once. */
  release(): void {
    this.#sink.release();
  }

  end(): void {
    this.#sink.end();
    this.#stop();
  }
}

/** Where a feed writes to, from before the answer until the end. */
class HeldSink implements Sink {
  readonly id: string;
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #prefix: string;
  /** Calls of `ready` that the answer, room in the queue or the end will resolve. */
  readonly #waiting = new Set<() => void>();
  /** Notifications in wait of the answer; undefined once released. */
  #held: string[] | undefined = [];
  #heldUnits = 0;
  #closed = false;

  constructor(connection: Connection, options: { id: string; namespace: string; log: Log }) {
    const { id, namespace, log } = options;
    this.id = id;
    this.#connection = connection;
    this.#log = log;
    const method = JSON.stringify(`${namespace}_subscription`);
    this.#prefix = `{"jsonrpc":"2.0","method":${method},"params":{"subscription":${JSON.stringify(id)},"result":`;
  }

  get closed(): boolean {
    return this.#closed;
  }

  notify(result: unknown): void {
    if (this.#closed) return;
    let text: string;
    try {
      text = `${this.#prefix}${encode(result)}}}`;
    } catch (cause) {
      // Leaving one out in silence would break the promise that a subscriber sees every event.
      this.#log.error("Notification cannot be encoded", { id: this.id, cause });
      this.#connection.close(CLOSE_INTERNAL_ERROR, "a notification could not be encoded");
      return;
    }
    if (this.#held === undefined) this.#connection.send(text);
    else this.#hold(this.#held, text);
  }

  async ready(): Promise<void> {
    if (this.#closed) return;
    // Not Promise.race with a promise that lives as long as the subscription: each race would leave a reaction on it.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    if (this.#held === undefined) this.#connection.drained().then(resolve);
    await promise;
    this.#waiting.delete(resolve);
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const text of held) this.#connection.send(text);
    for (const resolve of this.#waiting) this.#connection.drained().then(resolve);
  }

  end(): void {
    this.#closed = true;
    this.#held = undefined;
    for (const resolve of this.#waiting) resolve();
  }

  #hold(held: string[], text: string): void {
    this.#heldUnits += text.length;
    if (this.#heldUnits <= MAX_HELD_UNITS) {
      held.push(text);
      return;
    }
    this.#connection.close(CLOSE_SLOW_CONSUMER, `slow consumer: ${this.#heldUnits} bytes queued before the answer`);
    this.end();
  }
}
