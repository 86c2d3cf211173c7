import type { Address, Hash } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { Interest } from "./interest.ts";

/** One log of a block. */
export interface LogEvent {
  readonly address: Address;
  readonly topics: readonly Hash[];
  /** The log as it is sent while its block is canonical, with `"removed":false`. */
  readonly json: RawJson;
}

/** The receipt of one transaction. */
export interface ReceiptEvent {
  readonly transactionHash: Hash;
  readonly json: RawJson;
}

/** One block. A part is null when the source was told that nobody wants it. */
export interface BlockEvent {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  /** The header in the shape of newHeads. */
  readonly header: RawJson | null;
  readonly logs: readonly LogEvent[] | null;
  readonly receipts: readonly ReceiptEvent[] | null;
}

/** A transaction that entered the pool. */
export interface PendingTransactionEvent {
  readonly hash: Hash;
  /** The transaction object, its block fields null; null when only hashes are wanted. */
  readonly json: RawJson | null;
}

/**
 * One step of the chain, in the one order that every subscriber sees. A reorganisation is `removed` blocks, newest
 * first, followed by the `block`s that replace them, from the fork point up. Before an event is emitted, reads already
 * see what it announces.
 */
export type ChainEvent =
  | { readonly kind: "pending"; readonly transaction: PendingTransactionEvent }
  | { readonly kind: "removed"; readonly block: BlockEvent }
  | { readonly kind: "block"; readonly block: BlockEvent };

/**
 * A source of chain events: the live stream, and the part of the past that is kept. The embedded chain, an upstream
 * node, a journal and a message broker are all sources; nothing that reads events can tell them apart.
 */
export interface ChainEventSource {
  /** Calls `listener` synchronously for each event from now on; the returned function ends that. */
  onEvent(listener: (event: ChainEvent) => void): () => void;
  /**
   * States which parts live events must carry. Once the call has returned (or its promise has resolved), every event
   * carries them. A source starts with {@link NO_PARTS}.
   */
  want(interest: Interest): Awaitable<void>;
  /** Returns the number of the newest block whose event has been emitted. */
  headNumber(): bigint;
  /** Returns the canonical block at `number` with the parts that are wanted; null when the source does not have it. */
  blockEventAt(number: bigint, parts: Interest): Awaitable<BlockEvent | null>;
  /** Returns the block with this hash, canonical or abandoned, while it is kept. */
  blockEventOf(hash: Hash, parts: Interest): Awaitable<BlockEvent | null>;
  /** Returns the lowest number whose canonical block can still be had. */
  oldestBlockEvent(): bigint;
}
