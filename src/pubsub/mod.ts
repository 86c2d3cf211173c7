/**
 * Subscriptions: one totally ordered stream of chain events per process, delivered to all subscribers, live or from a block
 * of the past on.
 *
 * Here are the fan-out of an event in its fixed order (`fan_out.ts`, with an index of the subscribers to logs and to
 * receipts), the position of the stream and the parts of events that its source must send (`stream.ts`,
 * `interest_count.ts`), the way of a subscriber from the past to the stream (`resume.ts`, `replay.ts`), and two
 * things that are made of subscribers: polling filters (`filters.ts`, what equal ones share in `filter_source.ts`) and
 * heartbeats (`heartbeat.ts`). What clients make this process keep is bounded (`memory_budget.ts`). `README.md`
 * describes what clients can rely on.
 *
 * May import: `events`, the types of `eth`, and, from `rpc`, encoded JSON and the error type. It never encodes an event:
 * the source hands over JSON, and every subscriber is sent the same text.
 *
 * You are in the wrong place if you are about to parse parameters or name a method (`namespaces/eth/subscribe.ts` and
 * `filter.ts`), make a subscription id or delay a notification until its answer (`rpc/subscription.ts`), limit what a slow
 * client leaves unread (`transport/`), or decide what a block event contains (`events/`, `chain/encode/`).
 */
export { Feed, type FeedLog, type FeedOptions, type FeedStats, type ResumeOptions } from "./feed.ts";
export { LogMatcher } from "./criteria.ts";
export { type FilterLimits, type FilterOwner, Filters, type FiltersOptions } from "./filters.ts";
export type { MemoryLimits } from "./memory_budget.ts";
export { Heartbeats } from "./heartbeat.ts";
export type { ResumableSubscriber } from "./replay.ts";
export type { ResumePoint } from "./resume.ts";
export type {
  HeadSubscriber,
  LogPlace,
  LogSubscriber,
  Outlet,
  PendingSubscriber,
  ReceiptSubscriber,
  Subscriber,
} from "./subscriber.ts";
