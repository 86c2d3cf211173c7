import type { TimeSlices } from "../concurrency/time_slices.ts";
import type { AnswerBudget } from "./answers.ts";
import type { Layer } from "./layer.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { Registry } from "./registry.ts";
import type { SubscriptionQuota } from "./subscription.ts";
import type { SubscriptionCounts } from "./subscription_counts.ts";

/** The settings and parts with which a connection's calls are served. */
export interface DispatcherOptions {
  readonly registry: Registry;
  readonly limits: Limits;
  readonly log: Log;
  /** Milliseconds that all calls of one connection may take together; for connections that carry one message. */
  readonly timeLimitMs?: number | undefined;
  /** Go around each call, the first outermost; the time limit is inside them. */
  readonly layers?: readonly Layer[];
  /** Counts subscriptions and their notifications by kind. */
  readonly subscriptionCounts?: SubscriptionCounts | undefined;
  /** Limits the subscriptions of all connections of one client. */
  readonly subscriptionQuota?: SubscriptionQuota | undefined;
  /** Called for each message, or item of one, that is no call and no answer. */
  readonly onFault?: (() => void) | undefined;
  /** Counts the answers that wait for readers; by default all connections of the process share one. */
  readonly budget?: AnswerBudget | undefined;
  /** The scheduler that large messages share the event loop by; this process's when absent. */
  readonly slices?: TimeSlices;
  /** Replaces the source of random ids, for tests. */
  readonly newSubscriptionId?: () => string;
}
