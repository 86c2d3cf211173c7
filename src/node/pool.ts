import type { Address } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** Reads the transactions that wait to be mined (geth's eth/api TxPoolAPI). */
export interface PoolReader {
  /** The result of txpool_status: how many are ready for the next blocks, and how many wait for a lower nonce. */
  status(): Awaitable<RawJson>;
  /** The result of txpool_content: `{pending, queued}`, by checksummed sender, then by decimal nonce. */
  content(): Awaitable<RawJson>;
  /** The result of txpool_contentFrom: `{pending, queued}` of one sender, by decimal nonce. */
  contentFrom(address: Address): Awaitable<RawJson>;
  /** The result of txpool_inspect: as `content`, each transaction as one line of text. */
  inspect(): Awaitable<RawJson>;
  /** A list of the executable transactions of some senders, by sender and nonce (eth_pendingTransactions). */
  pendingOf(senders: ReadonlySet<Address>): Awaitable<RawJson>;
}
