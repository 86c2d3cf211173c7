import { keccak256 } from "../crypto/keccak.ts";
import { CURVE_ORDER, HALF_CURVE_ORDER, recoverAddress } from "./signature.ts";
import { type Transaction, TX_TYPE } from "./transaction.ts";
import { encodeForSigning } from "./transaction_codec.ts";
import type { Address, Hash } from "./types.ts";

/** A signature that names no sender; the texts are geth's (core/types/transaction_signing.go). */
export class SignatureError extends Error {
  override readonly name = "SignatureError";
}

/** The digest that the sender signs. */
export function signingDigest(transaction: Transaction): Hash {
  return `0x${keccak256(Uint8Array.fromHex(encodeForSigning(transaction))).toHex()}`;
}

/** True unless it is a legacy transaction that any chain would take. */
export function isReplayProtected(transaction: Transaction): boolean {
  return transaction.type !== TX_TYPE.legacy || transaction.chainId !== undefined;
}

/**
 * Recovers who signed, for a chain. `homestead` demands the lower of the two possible `s` (EIP-2).
 */
export function recoverSender(
  transaction: Transaction,
  chain: { readonly chainId: bigint; readonly homestead: boolean },
): Address {
  const { chainId, r, s } = transaction;
  if (chainId !== undefined && chainId !== chain.chainId) {
    throw new SignatureError(`invalid chain id for signer: have ${chainId} want ${chain.chainId}`);
  }
  const parity = parityOf(transaction);
  const limit = chain.homestead ? HALF_CURVE_ORDER + 1n : CURVE_ORDER;
  if ((parity !== 0n && parity !== 1n) || r <= 0n || r >= CURVE_ORDER || s <= 0n || s >= limit) {
    throw new SignatureError("invalid transaction v, r, s values");
  }
  const digest = keccak256(Uint8Array.fromHex(encodeForSigning(transaction)));
  const sender = recoverAddress(digest, { r, s, yParity: parity === 0n ? 0 : 1 });
  if (sender === undefined) throw new SignatureError("recovery failed");
  return sender;
}

function parityOf({ type, chainId, v }: Transaction): bigint {
  if (type !== TX_TYPE.legacy) return v;
  return chainId === undefined ? v - 27n : v - 35n - chainId * 2n;
}
