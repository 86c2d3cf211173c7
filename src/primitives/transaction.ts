import type { AccessListItem, Address, Authorization, Hash } from "./types.ts";

/** The EIP-2718 types that this chain knows. */
export const TX_TYPE = { legacy: 0, accessList: 1, dynamicFee: 2, blob: 3, setCode: 4 } as const;

/**
 * A transaction as its bytes say, whatever the fork: a plain value, because the library's classes copy the parameters
 * of the whole chain for each one (measured: 14 to 17 % of a block), and refuse some legal ones at construction.
 */
export interface Transaction {
  readonly type: number;
  /** Absent in a legacy transaction without replay protection (EIP-155). */
  readonly chainId: bigint | undefined;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  /** Legacy and access-list transactions: the price; otherwise the fee cap. */
  readonly gasFeeCap: bigint;
  /** Legacy and access-list transactions: the price; otherwise the tip cap. */
  readonly gasTipCap: bigint;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListItem[];
  /** Type 3 only. */
  readonly blobFeeCap: bigint;
  readonly blobHashes: readonly Hash[];
  /** Type 4 only. */
  readonly authorizations: readonly Authorization[];
  /** As signed: 27/28 or EIP-155 for legacy, the parity otherwise. */
  readonly v: bigint;
  readonly r: bigint;
  readonly s: bigint;
}

/** Returns the price that a transaction pays for each gas in a block (geth's effectiveGasPrice), wei. */
export function effectiveGasPrice(transaction: Transaction, baseFee: bigint | undefined): bigint {
  if (baseFee === undefined) return transaction.gasFeeCap;
  const price = baseFee + transaction.gasTipCap;
  return price < transaction.gasFeeCap ? price : transaction.gasFeeCap;
}
