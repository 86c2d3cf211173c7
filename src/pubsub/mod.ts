/**
 * The registry of topics and subscribers: one totally ordered stream of chain events per process, fanned out to
 * whoever reads it, live or from a block of the past on.
 *
 * What lives here: who is told of an event and in which order (`audience.ts`, with its indexes), where the stream
 * stands (`stream.ts`), how a reader is led from the past to it (`resume.ts`, `replay.ts`, `turns.ts`), and the two
 * things that are made of readers, polling filters (`filters.ts`) and heartbeats (`heartbeat.ts`).
 *
 * It imports `eth` and, from `rpc`, encoded JSON and the error type. It never encodes an event: the chain hands over
 * JSON, and every reader is sent the same text.
 *
 * You are in the wrong place when you parse parameters or name a method (`namespaces/eth/subscribe.ts` and
 * `filter.ts`), make a subscription id or hold back a notification (`rpc/subscription.ts`), bound what a slow client
 * may leave unread (`transport/`), or decide what a block event contains (`chain/`).
 */
export { Feed, type FeedLog, type FeedOptions, type FeedStats, type ResumeOptions } from "./feed.ts";
export { LogMatcher } from "./criteria.ts";
export { Filters, type FiltersOptions } from "./filters.ts";
export { Heartbeats } from "./heartbeat.ts";
export type { ResumableReader } from "./replay.ts";
export type { ResumePoint } from "./resume.ts";
export type { HeadReader, LogReader, Outlet, PendingReader, Reader, ReceiptReader } from "./reader.ts";
