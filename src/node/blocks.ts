import type { Address, BlockRef, Data, Hash, LogQuery, Quantity } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** Reads the identity of the chain. */
export interface IdentityReader {
  /** EIP-155's chain id, which transactions are signed for. */
  chainId(): Awaitable<Quantity>;
  /** The id of the peer-to-peer network (net_version answers it in decimal). */
  networkId(): Awaitable<Quantity>;
}

/**
 * Reads blocks, transactions, receipts, logs and fees. `null` is the answer for what does not exist; a reference to a
 * block that a read must have (receipts of a hash) fails with geth's error.
 */
export interface BlockReader {
  /** The number of the canonical head. */
  headNumber(): Awaitable<Quantity>;
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
  /** The result of eth_feeHistory; percentiles from 0 to 100, ascending. */
  feeHistory(count: number, newest: BlockRef, percentiles: readonly number[]): Awaitable<RawJson>;
  gasPrice(): Awaitable<Quantity>;
  maxPriorityFeePerGas(): Awaitable<Quantity>;
  /** The base fee of the next block, null before London. */
  baseFee(): Awaitable<Quantity | null>;
  blobBaseFee(): Awaitable<Quantity | null>;
  /** The result of eth_syncing: `false`, or the progress of the node. */
  syncing(): Awaitable<RawJson>;
  coinbase(): Awaitable<Address>;
  /** The result of eth_config (EIP-7910). */
  config(): Awaitable<RawJson>;
  /** The result of eth_capabilities. */
  capabilities(): Awaitable<RawJson>;
}

/** geth's --rpc.rangelimit and --rpc.logquerylimit; 0 is no limit. */
export interface LogLimits {
  readonly maxBlockRange: number;
  readonly maxAlternatives: number;
}
