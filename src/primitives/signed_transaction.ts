import { keccakDigits } from "./hash.ts";
import { GAS_PER_BLOB } from "./limits.ts";
import { type Transaction, TX_TYPE } from "./transaction.ts";
import type { Address, Data, Hash, Signature } from "./types.ts";
import {
  type DecodedTransaction,
  decodeTransaction,
  encodeTransaction,
  encodeWithSidecar,
  type Sidecar,
} from "./transaction_codec.ts";
import { recoverSender } from "./sender.ts";

/** Attaches the signature of {@link signingDigest}: EIP-155's `v` in a legacy transaction, the parity in any other. */
export function withSignature(transaction: Transaction, { r, s, yParity }: Signature): Transaction {
  return { ...transaction, v: signatureV(transaction, BigInt(yParity)), r, s };
}

/**
 * Marks a transaction that needs no signature. The sender stands in `r`, so that equal transactions of two impersonated
 * accounts have different hashes.
 */
export function withImpersonatedSender(transaction: Transaction, sender: Address): Transaction {
  return { ...transaction, v: signatureV(transaction, 0n), r: BigInt(sender), s: 1n };
}

function signatureV({ type, chainId }: Transaction, parity: bigint): bigint {
  if (type !== TX_TYPE.legacy) return parity;
  return chainId === undefined ? parity + 27n : parity + 35n + chainId * 2n;
}

/** Hashes a signed transaction; its blobs are no part of it. */
export function transactionHash(transaction: Transaction): Hash {
  return keccakDigits(encodeTransaction(transaction));
}

/** Encodes a transaction as eth_sendRawTransaction takes it: with its blobs where it has some. */
export function networkEncoding(transaction: Transaction, sidecar: Sidecar | null): Data {
  return `0x${sidecar === null ? encodeTransaction(transaction) : encodeWithSidecar(transaction, sidecar)}`;
}

/** Returns the most that a transaction may pay for its gas and its blobs, wei. */
export function highestFee({ gasLimit, gasFeeCap, blobHashes, blobFeeCap }: Transaction): bigint {
  return gasLimit * gasFeeCap + BigInt(blobHashes.length) * GAS_PER_BLOB * blobFeeCap;
}

/** A signed transaction with everything that its bytes say. */
export interface SignedTransaction extends DecodedTransaction {
  readonly hash: Hash;
  readonly sender: Address;
}

/** Decodes signed bytes and recovers the sender; throws RlpError, or SignatureError when the signature is not of this chain. */
export function readSigned(
  raw: Data,
  chain: { readonly chainId: bigint; readonly homestead: boolean },
): SignedTransaction {
  const { transaction, sidecar } = decodeTransaction(raw.slice(2).toLowerCase());
  return { transaction, sidecar, hash: transactionHash(transaction), sender: recoverSender(transaction, chain) };
}
