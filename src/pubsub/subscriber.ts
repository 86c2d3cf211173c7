import type { BlockEvent, PendingTransactionEvent } from "../events/mod.ts";
import type { Hash } from "../eth/types.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { LogMatcher } from "./criteria.ts";

/** The callback of every subscriber besides events. */
interface AnySubscriber {
  /** The events that follow do not join those that were delivered: the subscriber ends, and its client is told why. */
  readonly lost?: (reason: string) => void;
}

/** Is notified of every canonical block. */
export interface HeadSubscriber extends AnySubscriber {
  readonly kind: "heads";
  /** False for a subscriber that reads only the number and hashes of a block. */
  readonly headers: boolean;
  notify(block: BlockEvent): void;
}

/** The block of a log, and whether it is taken back. */
export interface LogPlace {
  readonly block: bigint;
  readonly removed: boolean;
}

/** Is notified of each log that matches, and again when that log's block is abandoned. */
export interface LogSubscriber extends AnySubscriber {
  readonly kind: "logs";
  readonly matcher: LogMatcher;
  /** Bounds on the block number, as geth applies them to live logs; null is unbounded. A resume sets the lower one. */
  fromBlock: bigint | null;
  readonly toBlock: bigint | null;
  /**
   * Canonical blocks at or below this number were not delivered to this subscriber, so their removal is not either. An
   * abandoned block lowers it, because the blocks that replace it are delivered.
   */
  deliveredAbove: bigint;
  notify(log: RawJson, place: LogPlace): void;
}

/** Is notified once per block of the receipts that it wants, if the block has any of them. */
export interface ReceiptSubscriber extends AnySubscriber {
  readonly kind: "receipts";
  /** The transactions whose receipts are wanted; null for all. */
  readonly transactionHashes: readonly Hash[] | null;
  notify(receipts: RawJson): void;
}

/** Is notified of each transaction that enters the pool. */
export interface PendingSubscriber extends AnySubscriber {
  readonly kind: "pending";
  /** False for a subscriber that reads only the hash. */
  readonly whole: boolean;
  notify(transaction: PendingTransactionEvent): void;
}

/** A subscription or a polling filter. `notify` must not throw. */
export type Subscriber = HeadSubscriber | LogSubscriber | ReceiptSubscriber | PendingSubscriber;

/** The queue of the client that a resumed subscription writes to. */
export interface Outlet {
  readonly closed: boolean;
  /** Resolves when the queue has room again, or the outlet is closed. */
  ready(): Promise<void>;
  /** Closes the client's connection, because going on would lose events without a sign. */
  fail(reason: string): void;
}
