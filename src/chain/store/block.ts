import type { Address, Hash, Withdrawal } from "../../eth/types.ts";
import type { Header } from "../../primitives/header.ts";
import type { Transaction } from "../../primitives/transaction.ts";

/** A transaction of a block with what cannot be read from it cheaply. */
export interface IncludedTransaction {
  readonly transaction: Transaction;
  readonly hash: Hash;
  readonly sender: Address;
  /** Run without a signature, for an impersonated account. */
  readonly impersonated: boolean;
}

/** The rest of a block, decoded: everything but its header. */
export interface BlockBody {
  readonly transactions: readonly IncludedTransaction[];
  readonly uncles: readonly Header[];
  /** Undefined before Shanghai. */
  readonly withdrawals: readonly Withdrawal[] | undefined;
}
