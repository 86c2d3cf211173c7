import type { Address, Data, Hash, TransactionRequest } from "../eth/types.ts";
import type { Transaction } from "../primitives/transaction.ts";
import type { Sidecar } from "../primitives/transaction_codec.ts";

/** An unsigned transaction with every field that its type needs. */
export interface FilledTransaction {
  readonly from: Address;
  /** Its signature is zero. */
  readonly transaction: Transaction;
  /** The blobs of a blob transaction that were given with the request. */
  readonly sidecar: Sidecar | null;
}

/** Limits on a transaction that is sent. */
export interface SendOptions {
  /** Throws when the most that a transaction may pay for its gas, wei, is more than the operator wants. */
  readonly checkFee: (fee: bigint) => void;
  /** Ends the checking of blobs, which takes seconds, when the caller is gone. */
  readonly signal?: AbortSignal | undefined;
}

/** Completes transactions and adds them to the pool. */
export interface Submitter {
  /** Fills in nonce, gas, fees, chain id and type by geth's rules; throws what geth throws for conflicting fields. */
  fill(request: TransactionRequest, signal: AbortSignal): Promise<FilledTransaction>;
  /** Decodes, checks and pools a signed transaction; with automine its block is sealed when this resolves. */
  sendRaw(raw: Data, options?: SendOptions): Promise<Hash>;
}
