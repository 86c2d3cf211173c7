import type { Address, Hash, Withdrawal } from "../eth/types.ts";
import type { ReceiptData } from "./evm/block_run.ts";
import type { Header } from "./header.ts";
import type { World } from "./state/world.ts";
import type { Transaction } from "./transaction.ts";

/** A transaction of a block with what cannot be read from it cheaply. */
export interface IncludedTransaction {
  readonly transaction: Transaction;
  readonly hash: Hash;
  readonly sender: Address;
  /** Run without a signature, for an impersonated account. */
  readonly impersonated: boolean;
}

/** What a block holds besides its header, decoded. */
export interface BlockBody {
  readonly transactions: readonly IncludedTransaction[];
  readonly uncles: readonly Header[];
  /** Undefined before Shanghai. */
  readonly withdrawals: readonly Withdrawal[] | undefined;
}

/** One block of the chain, as kept. */
export interface BlockRecord {
  readonly header: Header;
  readonly hash: Hash;
  /** The sum of difficulties up to here. */
  readonly totalDifficulty: bigint;
  /** The state after the block; null when --gcmode full has dropped it. */
  readonly world: World | null;
  /** Decodes the transactions, uncles and withdrawals. */
  body(): BlockBody;
  /** Decodes the receipts. */
  receipts(): readonly ReceiptData[];
}
