import type { BlockEvent, Hash, PendingTransactionEvent } from "../eth/types.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { LogMatcher } from "./criteria.ts";

/** Is told of every canonical block. */
export interface HeadReader {
  readonly kind: "heads";
  tell(block: BlockEvent): void;
}

/** Is told of each log that matches, and once more when that log's block is abandoned. */
export interface LogReader {
  readonly kind: "logs";
  readonly matcher: LogMatcher;
  /** Bounds on the block number, as geth applies them to live logs; null is unbounded. */
  readonly fromBlock: bigint | null;
  readonly toBlock: bigint | null;
  /**
   * The height up to which the canonical chain was not delivered to this reader: a log above it was, so its removal
   * is too. Abandoned blocks lower it, because what replaces them is delivered.
   */
  floor: bigint;
  tell(log: RawJson): void;
}

/** Is told once per block of the receipts it wants, if there are any. */
export interface ReceiptReader {
  readonly kind: "receipts";
  /** Null wants all. */
  readonly transactionHashes: readonly Hash[] | null;
  tell(receipts: RawJson): void;
}

/** Is told of each transaction that enters the pool. */
export interface PendingReader {
  readonly kind: "pending";
  tell(transaction: PendingTransactionEvent): void;
}

/** Someone who is told of chain events: a subscription or a polling filter. `tell` must not throw. */
export type Reader = HeadReader | LogReader | ReceiptReader | PendingReader;

/** Where a resumable reader writes to: its client's queue. */
export interface Outlet {
  readonly closed: boolean;
  /** Resolves when the client's queue has room again, or the outlet is closed. */
  ready(): Promise<void>;
  /** Ends the client's connection, because going on would lose events in silence. */
  fail(reason: string): void;
}
