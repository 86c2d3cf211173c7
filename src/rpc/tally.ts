/** What is known of one kind of subscription over all connections. */
export interface KindTally {
  readonly namespace: string;
  readonly kind: string;
  /** Subscriptions that have a feed. */
  live: number;
  /** Notifications ever written to them. */
  notifications: number;
}

/** Counts subscriptions by kind; one for all dispatchers whose numbers belong together. */
export class SubscriptionTally {
  readonly #kinds = new Map<string, KindTally>();

  /** The count of one kind, to be changed in place: a notification costs one addition. */
  of({ namespace, kind }: { readonly namespace: string; readonly kind: string }): KindTally {
    const key = `${namespace}_${kind}`;
    let tally = this.#kinds.get(key);
    if (tally === undefined) this.#kinds.set(key, tally = { namespace, kind, live: 0, notifications: 0 });
    return tally;
  }

  /** Every kind that was ever subscribed to. */
  get kinds(): readonly KindTally[] {
    return [...this.#kinds.values()];
  }

  get live(): number {
    return this.kinds.reduce((sum, { live }) => sum + live, 0);
  }
}
