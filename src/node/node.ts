import type { RawJson } from "../rpc/raw_json.ts";
import type { ChainEventSource } from "../events/mod.ts";
import type { Awaitable } from "../rpc/method.ts";
import type {
  Address,
  BlockOverrides,
  BlockRef,
  Data,
  Hash,
  LogQuery,
  Quantity,
  Signature,
  StateOverrides,
  TransactionRequest,
} from "../eth/types.ts";

/** Which chain this is. */
export interface ChainIdentity {
  readonly chainId: bigint;
  readonly networkId: bigint;
}

/**
 * Reads of blocks, transactions, receipts and logs. `null` is the answer for what does not exist; a reference to a
 * block that a read must have (state, receipts of a hash) fails with geth's error.
 */
export interface ChainReader {
  /** The number of the canonical head. */
  headNumber(): Awaitable<bigint>;
  /** A header in the shape of eth_getHeaderByNumber. */
  header(at: BlockRef): Awaitable<RawJson | null>;
  /** A block with transaction hashes, or with whole transactions when `full`. */
  block(at: BlockRef, full: boolean): Awaitable<RawJson | null>;
  transactionCountOf(at: BlockRef): Awaitable<Quantity | null>;
  uncleCountOf(at: BlockRef): Awaitable<Quantity | null>;
  uncle(at: BlockRef, index: number): Awaitable<RawJson | null>;
  /** A mined or pending transaction. */
  transaction(hash: Hash): Awaitable<RawJson | null>;
  transactionAt(at: BlockRef, index: number): Awaitable<RawJson | null>;
  rawTransaction(hash: Hash): Awaitable<Data | null>;
  rawTransactionAt(at: BlockRef, index: number): Awaitable<Data | null>;
  receipt(hash: Hash): Awaitable<RawJson | null>;
  receiptsOf(at: BlockRef): Awaitable<RawJson | null>;
  /** The search ends when `signal` is aborted. */
  logs(query: LogQuery, limits: LogLimits, signal?: AbortSignal): Awaitable<RawJson>;
  feeHistory(count: number, newest: BlockRef, percentiles: readonly number[]): Awaitable<unknown>;
  gasPrice(): Awaitable<Quantity>;
  maxPriorityFeePerGas(): Awaitable<Quantity>;
  /** The base fee of the next block, null before London. */
  baseFee(): Awaitable<Quantity | null>;
  blobBaseFee(): Awaitable<Quantity | null>;
  syncing(): Awaitable<unknown>;
  coinbase(): Awaitable<Address>;
  /** EIP-7910. */
  config(): Awaitable<unknown>;
  capabilities(): Awaitable<unknown>;
}

/** geth's --rpc.rangelimit and --rpc.logquerylimit; 0 is no limit. */
export interface LogLimits {
  readonly maxBlockRange: number;
  readonly maxAlternatives: number;
}

/** Reads of accounts at a block. */
export interface StateReader {
  balance(address: Address, at: BlockRef): Awaitable<Quantity>;
  /** With `pending`, the transactions of the pool count. */
  nonce(address: Address, at: BlockRef): Awaitable<Quantity>;
  code(address: Address, at: BlockRef): Awaitable<Data>;
  storage(address: Address, slot: Hash, at: BlockRef): Awaitable<Data>;
  /** EIP-1186; `slots` are hex and echoed as they came. */
  proof(address: Address, slots: readonly string[], at: BlockRef): Awaitable<unknown>;
}

export interface CallOptions {
  readonly state?: StateOverrides | undefined;
  readonly block?: BlockOverrides | undefined;
  readonly signal: AbortSignal;
}

/** Runs of the EVM that change nothing. Bounded by --rpc.gascap and --rpc.evmtimeout; they never hold up the loop. */
export interface Executor {
  call(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Data>;
  estimateGas(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Quantity>;
  createAccessList(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<unknown>;
}

/** A request with every field that its type needs. */
export interface FilledTransaction {
  /** What geth's eth_fillTransaction returns: `{raw, tx}` of the unsigned transaction. */
  readonly raw: Data;
  readonly tx: RawJson;
  readonly from: Address;
  /** The same request, complete. */
  readonly request: TransactionRequest;
  /** The digest that the sender signs. */
  readonly digest: Hash;
  /** gas times fee cap plus blob fee, wei: what --rpc.txfeecap bounds. */
  readonly fee: bigint;
}

export interface SendOptions {
  /** Throws when the most that a transaction may pay for its gas, wei, is more than the operator wants. */
  readonly checkFee: (fee: bigint) => void;
}

/** Makes transactions and takes them in. */
export interface TransactionSender {
  /** Fills in nonce, gas, fees, chain id and type by geth's rules; throws what geth throws for conflicting fields. */
  fill(request: TransactionRequest, signal: AbortSignal): Promise<FilledTransaction>;
  /** Attaches a signature. */
  assemble(filled: FilledTransaction, signature: Signature): { readonly raw: Data; readonly tx: RawJson };
  /** Decodes, checks and pools a signed transaction; with automine its block is sealed when this resolves. */
  sendRaw(raw: Data, options?: SendOptions): Promise<Hash>;
  /** Resolves with the receipt once mined, or with null after `timeoutMs`; rejects when aborted. */
  waitForReceipt(hash: Hash, timeoutMs: number, signal: AbortSignal): Promise<RawJson | null>;
  /** Pools a transaction of an impersonated account, without a signature. */
  sendUnsigned(filled: FilledTransaction): Promise<Hash>;
  isImpersonated(address: Address): boolean;
}

/** A chain as the namespaces see it: embedded, or (later) a real upstream node. */
export interface Node {
  readonly identity: ChainIdentity;
  readonly chain: ChainReader;
  readonly state: StateReader;
  readonly executor: Executor;
  readonly transactions: TransactionSender;
  readonly events: ChainEventSource;
}
