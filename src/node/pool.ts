import type { RawJson } from "../rpc/raw_json.ts";
import type { Awaitable } from "../rpc/method.ts";
import type { Address, BlockRef, Data, Hash } from "../eth/types.ts";

/** How many transactions wait: ready for the next blocks, and held back by a nonce gap. */
export interface PoolStatus {
  readonly pending: number;
  readonly queued: number;
}

/** A transaction of the pool with its sender. */
export interface PooledTransaction {
  readonly from: Address;
  readonly nonce: bigint;
  readonly hash: Hash;
  /** The transaction object with null block fields. */
  readonly json: RawJson;
}

/** Reads of what waits to be mined (geth's eth/api TxPoolAPI). */
export interface PoolReader {
  status(): Awaitable<PoolStatus>;
  /** txpool_content: `{pending, queued}`, by checksummed sender, then by decimal nonce. */
  content(): Awaitable<RawJson>;
  /** txpool_contentFrom: `{pending, queued}` of one sender, by decimal nonce. */
  contentFrom(address: Address): Awaitable<RawJson>;
  /** txpool_inspect: as `content`, each transaction as one line of text. */
  inspect(): Awaitable<RawJson>;
  /** Every executable transaction, by sender and nonce; eth_pendingTransactions keeps those of its own accounts. */
  pending(): Awaitable<readonly PooledTransaction[]>;
}

/** Reads of consensus encodings (debug_getRaw*). Of a number that does not exist there is nothing, for a hash
 * geth's error. */
export interface RawReader {
  rawHeader(at: BlockRef): Awaitable<Data>;
  rawBlock(at: BlockRef): Awaitable<Data>;
  /** One item for each receipt, as it is put in the receipt trie. */
  rawReceipts(at: BlockRef): Awaitable<readonly Data[] | null>;
}
