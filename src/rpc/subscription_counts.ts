/** The subscriptions of one kind over all connections. */
export interface KindCount {
  readonly namespace: string;
  readonly kind: string;
  /** Subscriptions that are live. */
  live: number;
  /** Notifications ever written to them. */
  notifications: number;
}

/** Counts subscriptions by kind, for all dispatchers that share the counter. */
export class SubscriptionCounts {
  readonly #kinds = new Map<string, KindCount>();

  /** Returns the count of one kind. The caller changes it in place, so that a notification costs one addition. */
  of({ namespace, kind }: { readonly namespace: string; readonly kind: string }): KindCount {
    const key = `${namespace}_${kind}`;
    let count = this.#kinds.get(key);
    if (count === undefined) this.#kinds.set(key, count = { namespace, kind, live: 0, notifications: 0 });
    return count;
  }

  /** The counts of every kind that was ever subscribed to. */
  get kinds(): readonly KindCount[] {
    return [...this.#kinds.values()];
  }

  get live(): number {
    return this.kinds.reduce((sum, { live }) => sum + live, 0);
  }
}
