import type { Connection } from "./connection.ts";
import { limitError } from "./error.ts";
import type { Log } from "./log.ts";
import type { Awaitable } from "./awaitable.ts";
import type { Sink } from "./method.ts";
import { BufferedSink } from "./sink.ts";
import type { KindCount } from "./subscription_counts.ts";

/** Random bits of a subscription id, as in geth (rpc/subscription.go `NewID`). */
const ID_BITS = 128;

/** Makes a subscription id: random bits as a quantity, so without leading zeros. */
export function randomSubscriptionId(): string {
  const words = crypto.getRandomValues(new BigUint64Array(ID_BITS / 64));
  const value = words.reduce((sum, word) => (sum << 64n) | word, 0n);
  return `0x${value.toString(16)}`;
}

/** A limit on subscriptions that several connections share. */
export interface SubscriptionQuota {
  /** Takes one; throws the RpcError of the limit when there is none left. */
  take(): void;
  release(): void;
}

export interface SubscriptionsOptions {
  /** The most subscriptions at a time, pending ones included; 0 is no limit. */
  limit: number;
  quota?: SubscriptionQuota | undefined;
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

  /** Reserves a place and an id for a subscription that the caller then starts. */
  open(namespace: string, count?: KindCount): PendingSubscription {
    const { limit, quota, newId } = this.#options;
    const open = this.#live.size + this.#pending;
    if (limit !== 0 && open >= limit) {
      throw limitError("too many subscriptions on this connection", limit, open + 1);
    }
    quota?.take();
    this.#pending += 1;
    const sink = new BufferedSink(this.#connection, { id: newId(), namespace, log: this.#options.log, count });
    return new PendingSubscription(sink, {
      accepted: (subscription) => this.#accept(subscription),
      rejected: () => {
        this.#pending -= 1;
        quota?.release();
      },
    });
  }

  /** Ends one subscription; false when there is none with this id. */
  unsubscribe(id: string): boolean {
    const subscription = this.#live.get(id);
    if (subscription === undefined) return false;
    this.#live.delete(id);
    this.#end(subscription);
    return true;
  }

  /** Ends all subscriptions and refuses further ones; called when the connection is gone. */
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
    } finally {
      this.#options.quota?.release();
    }
  }
}

/** A subscription that has no feed yet. */
export class PendingSubscription {
  readonly #sink: BufferedSink;
  readonly #owner: PendingOwner;

  constructor(sink: BufferedSink, owner: PendingOwner) {
    this.#sink = sink;
    this.#owner = owner;
  }

  /**
   * Starts the feed, which may write at once and returns the function that ends it. That function is called exactly once;
   * if the connection is gone by then, it is called at once. A feed that fails to start leaves nothing behind.
   */
  start(feed: (sink: Sink) => Awaitable<() => void>): Awaitable<LiveSubscription> {
    try {
      const stop = feed(this.#sink);
      if (!(stop instanceof Promise)) return this.#accept(stop);
      return stop.then((later) => this.#accept(later), (error) => this.#reject(error));
    } catch (error) {
      return this.#reject(error);
    }
  }

  #accept(stop: () => void): LiveSubscription {
    const subscription = new LiveSubscription(this.#sink, stop);
    this.#owner.accepted(subscription);
    return subscription;
  }

  #reject(error: unknown): never {
    this.#sink.end();
    this.#owner.rejected();
    throw error;
  }
}

interface PendingOwner {
  accepted(subscription: LiveSubscription): void;
  rejected(): void;
}

/** A subscription that has a feed. Only this type can be released, and only an answered call does so. */
export class LiveSubscription {
  readonly #sink: BufferedSink;
  readonly #stop: () => void;

  constructor(sink: BufferedSink, stop: () => void) {
    this.#sink = sink;
    this.#stop = stop;
  }

  get id(): string {
    return this.#sink.id;
  }

  /** Sends the buffered notifications behind the answer, which has just been sent; later ones are sent at once. */
  static release(answered: readonly LiveSubscription[]): void {
    BufferedSink.release(answered.map((subscription) => subscription.#sink));
  }

  end(): void {
    this.#sink.end();
    this.#stop();
  }
}
