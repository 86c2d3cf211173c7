import type { TransactionRequest } from "../../../eth/types.ts";
import { type Transaction, TX_TYPE } from "../../../primitives/transaction.ts";
import { hexToBytes } from "../../../primitives/hex.ts";

const NO_DATA = new Uint8Array(0);

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

/** A request as an unsigned transaction of a type: the fields that the type does not have are left out. */
export function transactionOfType(
  request: TransactionRequest,
  { type, chainId, nonce, gasLimit }: Pick<Transaction, "type" | "chainId" | "nonce" | "gasLimit">,
): Transaction {
  const hasFeeCap = type >= TX_TYPE.dynamicFee;
  const price = request.gasPrice ?? 0n;
  return {
    type,
    chainId,
    nonce,
    gasLimit,
    gasFeeCap: hasFeeCap ? request.maxFeePerGas ?? 0n : price,
    gasTipCap: hasFeeCap ? request.maxPriorityFeePerGas ?? 0n : price,
    to: request.to ?? null,
    value: request.value ?? 0n,
    data: request.input === undefined ? NO_DATA : hexToBytes(request.input),
    accessList: type === TX_TYPE.legacy ? [] : request.accessList ?? [],
    blobFeeCap: type === TX_TYPE.blob ? request.maxFeePerBlobGas ?? 0n : 0n,
    blobHashes: type === TX_TYPE.blob ? request.blobVersionedHashes ?? [] : [],
    authorizations: type === TX_TYPE.setCode ? request.authorizationList ?? [] : [],
    v: 0n,
    r: 0n,
    s: 0n,
  };
}

function typeOf(request: TransactionRequest, hasBaseFee: boolean): number {
  if (request.gasPrice !== undefined || !hasBaseFee) {
    return request.accessList === undefined ? TX_TYPE.legacy : TX_TYPE.accessList;
  }
  if (request.authorizationList !== undefined) return TX_TYPE.setCode;
  return request.blobVersionedHashes === undefined ? TX_TYPE.dynamicFee : TX_TYPE.blob;
}
