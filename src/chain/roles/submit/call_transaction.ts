import type { TransactionRequest } from "../../../eth/types.ts";
import { type Transaction, TX_TYPE } from "../../../primitives/transaction.ts";
import { transactionOfType } from "../../../eth/unsigned_transaction.ts";

/** The values of a call that it leaves open: the block in which it runs decides them. */
export interface CallDefaults {
  readonly nonce: bigint;
  readonly gas: bigint;
  readonly chainId: bigint;
  /** False before London: there everything has a gas price. */
  readonly hasBaseFee: boolean;
}

/** A call as an unsigned transaction of its block, of the type that its fields make it (geth's ToTransaction). */
export function unsignedTransaction(request: TransactionRequest, defaults: CallDefaults): Transaction {
  const type = typeOf(request, defaults.hasBaseFee);
  const chainId = type === TX_TYPE.legacy ? undefined : request.chainId ?? defaults.chainId;
  return transactionOfType(request, { type, chainId, nonce: defaults.nonce, gasLimit: defaults.gas });
}

function typeOf(request: TransactionRequest, hasBaseFee: boolean): number {
  if (request.gasPrice !== undefined || !hasBaseFee) {
    return request.accessList === undefined ? TX_TYPE.legacy : TX_TYPE.accessList;
  }
  if (request.authorizationList !== undefined) return TX_TYPE.setCode;
  return request.blobVersionedHashes === undefined ? TX_TYPE.dynamicFee : TX_TYPE.blob;
}
