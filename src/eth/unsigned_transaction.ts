import { hexToBytes } from "../primitives/hex.ts";
import { type Transaction, TX_TYPE } from "../primitives/transaction.ts";
import type { Address, TransactionRequest } from "./types.ts";

const NO_DATA = new Uint8Array(0);

/** A request in which only what its type does not have is missing. */
export type CompleteRequest = TransactionRequest & {
  readonly type: number;
  readonly from: Address;
  readonly gas: bigint;
  readonly nonce: bigint;
  readonly value: bigint;
  readonly chainId: bigint;
};

/** Returns the type that the fields of a request with its fees make it. */
export function typeOfRequest(request: TransactionRequest): number {
  if (request.authorizationList !== undefined) return TX_TYPE.setCode;
  if (request.blobVersionedHashes !== undefined) return TX_TYPE.blob;
  if (request.gasPrice === undefined) return TX_TYPE.dynamicFee;
  return request.accessList === undefined ? TX_TYPE.legacy : TX_TYPE.accessList;
}

/** Makes the transaction of a complete request, not signed yet. */
export function unsigned(request: CompleteRequest): Transaction {
  const { type, chainId, nonce, gas } = request;
  return transactionOfType(request, { type, chainId, nonce, gasLimit: gas });
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
