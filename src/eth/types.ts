import type { RawJson } from "../rpc/raw_json.ts";
import type { AccessListItem, Address, Authorization, Data, Hash, Withdrawal } from "../primitives/types.ts";

export type {
  AccessListItem,
  Address,
  Authorization,
  Data,
  Hash,
  Hex,
  Quantity,
  Signature,
  Withdrawal,
} from "../primitives/types.ts";

export type BlockTag = "latest" | "pending" | "safe" | "finalized" | "earliest";

/** Which block a read is about (EIP-1898). */
export type BlockRef =
  | { readonly tag: BlockTag }
  | { readonly number: bigint }
  | { readonly hash: Hash; readonly requireCanonical: boolean };

/** One position of a topic filter: null matches any topic, a list any of its members. */
export type TopicFilter = readonly Hash[] | null;

/** What logs a reader wants: any of the addresses (all when empty), and topics by position. */
export interface LogCriteria {
  readonly addresses: readonly Address[];
  readonly topics: readonly TopicFilter[];
}

/** A whole log query: the criteria, and either one block or a range. */
export interface LogQuery extends LogCriteria {
  readonly blockHash?: Hash;
  readonly fromBlock?: BlockRef;
  readonly toBlock?: BlockRef;
}

/** A transaction as callers describe it (geth's TransactionArgs); whatever is absent is filled in by the node. */
export interface TransactionRequest {
  readonly type?: number;
  readonly from?: Address;
  readonly to?: Address | null;
  readonly gas?: bigint;
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
  readonly maxFeePerBlobGas?: bigint;
  readonly value?: bigint;
  readonly nonce?: bigint;
  /** `input`, or the older `data`. */
  readonly input?: Data;
  readonly chainId?: bigint;
  readonly accessList?: readonly AccessListItem[];
  readonly authorizationList?: readonly Authorization[];
  readonly blobVersionedHashes?: readonly Hash[];
  readonly blobs?: readonly Data[];
  readonly commitments?: readonly Data[];
  readonly proofs?: readonly Data[];
}

/** Changes to one account for the length of a call (geth's OverrideAccount). */
export interface AccountOverride {
  readonly nonce?: bigint;
  readonly code?: Data;
  readonly balance?: bigint;
  readonly state?: { readonly [slot: Hash]: Hash };
  readonly stateDiff?: { readonly [slot: Hash]: Hash };
  readonly movePrecompileToAddress?: Address;
}

export type StateOverrides = { readonly [address: Address]: AccountOverride };

/** Changes to the block a call runs in (geth's BlockOverrides). */
export interface BlockOverrides {
  readonly number?: bigint;
  readonly difficulty?: bigint;
  readonly time?: bigint;
  readonly gasLimit?: bigint;
  readonly feeRecipient?: Address;
  readonly prevRandao?: Hash;
  readonly baseFeePerGas?: bigint;
  readonly blobBaseFee?: bigint;
  readonly beaconRoot?: Hash;
  readonly withdrawals?: readonly Withdrawal[];
}

/** One log of a block, encoded once for each of its two lives. */
export interface LogEvent {
  readonly address: Address;
  readonly topics: readonly Hash[];
  readonly index: number;
  readonly transactionHash: Hash;
  /** As sent while its block is canonical. */
  readonly json: RawJson;
  /** The same log with `removed: true`; encoded when a reorganisation asks for it. */
  readonly removedJson: RawJson;
}

/** One transaction's receipt in a block event. */
export interface ReceiptEvent {
  readonly transactionHash: Hash;
  readonly json: RawJson;
}

/** What subscribers are told of one block. */
export interface BlockEvent {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  /** The header in the newHeads shape. */
  readonly header: RawJson;
  readonly logs: readonly LogEvent[];
  readonly receipts: readonly ReceiptEvent[];
}

/** A transaction that entered the pool. */
export interface PendingTransactionEvent {
  readonly hash: Hash;
  /** The transaction object with null block fields. */
  readonly json: RawJson;
}

/**
 * One step of the chain, in the one order that every subscriber sees. A reorganisation is `removed` blocks, newest
 * first, each followed later by the `block`s that replace them from the fork point up. Whatever an event tells of can
 * be read before the event is emitted.
 */
export type ChainEvent =
  | { readonly kind: "pending"; readonly transaction: PendingTransactionEvent }
  | { readonly kind: "removed"; readonly block: BlockEvent }
  | { readonly kind: "block"; readonly block: BlockEvent };

/** Where chain events come from: the live stream, and what is kept of the past. */
export interface ChainEventSource {
  /** Calls `listener` synchronously for each event from now on; the returned function stops that. */
  onEvent(listener: (event: ChainEvent) => void): () => void;
  /** The number of the newest block whose event has been emitted. */
  headNumber(): bigint;
  /** The canonical block at `number`, null when the chain does not have it (yet, or any more). */
  blockEventAt(number: bigint): BlockEvent | null | Promise<BlockEvent | null>;
  /** The block with this hash, canonical or abandoned, as long as it is kept. */
  blockEventOf(hash: Hash): BlockEvent | null | Promise<BlockEvent | null>;
  /** The lowest number whose canonical block event can still be had. */
  oldestBlockEvent(): bigint;
}
