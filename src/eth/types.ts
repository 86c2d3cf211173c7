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

/** The criteria for logs: any of the addresses (all when empty), and topics by position. */
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

/** One block of a simulation: changes to it, and the calls that are run in it one after the other. */
export interface SimulatedBlock {
  readonly block?: BlockOverrides | undefined;
  readonly state?: StateOverrides | undefined;
  readonly calls: readonly TransactionRequest[];
}

/** The question of eth_simulateV1. */
export interface Simulation {
  readonly blocks: readonly SimulatedBlock[];
  /** Reports each transfer of ether as a log of 0xeeee… (ERC-7528). */
  readonly traceTransfers: boolean;
  /** Checks nonces, funds and fees as a block would; without, a call is run as eth_call runs it. */
  readonly validation: boolean;
  readonly fullTransactions: boolean;
}

/** Parts of each instruction that the struct logger shows (geth's logger.Config). */
export interface StructLogOptions {
  readonly enableMemory?: boolean;
  readonly disableStack?: boolean;
  readonly disableStorage?: boolean;
  readonly enableReturnData?: boolean;
  /** Characters of output after which no further instruction is shown; 0 is no limit. */
  readonly limit?: number;
}

/** The options of a trace (geth's tracers.TraceConfig). */
export interface TraceOptions extends StructLogOptions {
  /** The struct logger when absent. */
  readonly tracer?: string;
  /** The options of the named tracer; each has its own. */
  readonly tracerConfig?: unknown;
  /** Time for each transaction, as Go writes durations: `10s`; 5 seconds when absent. */
  readonly timeout?: string;
}

/** The options of a trace of a call (geth's tracers.TraceCallConfig). */
export interface TraceCallOptions extends TraceOptions {
  readonly stateOverrides?: StateOverrides;
  readonly blockOverrides?: BlockOverrides;
  /** Runs the call before this transaction of the block, not after its last. */
  readonly txIndex?: number;
}
