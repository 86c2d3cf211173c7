import { type AccountManager, checkFeeCap, digestBytes, type PasswordUse } from "../../accounts/mod.ts";
import type { Address, Hash, Signature, TransactionRequest } from "../../eth/types.ts";
import { wireData } from "../../eth/output/wire.ts";
import { wireUnminedTransaction } from "../../eth/output/transaction.ts";
import type { FilledTransaction, TransactionSender } from "../../node/node.ts";
import { serverError } from "../../rpc/error.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import { object } from "../../rpc/schema_object.ts";

/** What the methods need that make transactions of this server's own accounts. */
export interface OutgoingDependencies {
  readonly accounts: AccountManager;
  readonly transactions: TransactionSender;
  /** --rpc.txfeecap in wei; 0 is no cap. */
  readonly feeCap: bigint;
}

export interface OutgoingOptions {
  readonly signal: AbortSignal;
  /** Signs with this password instead of an unlocked key. */
  readonly use?: PasswordUse | undefined;
}

/** geth's SignTransactionResult: the encoded transaction, and its fields as types.Transaction shows them. */
export const wireRawAndTransaction = object({ raw: wireData, tx: wireUnminedTransaction }, { closed: true });

/** geth's TransactionArgs.from: a request without a sender is one of the zero address, which nobody holds. */
const NO_SENDER: Address = "0x0000000000000000000000000000000000000000";

/** Fills, signs and sends, in geth's order of checks (internal/ethapi, SendTransaction). */
export async function send(
  dependencies: OutgoingDependencies,
  { request, ...options }: OutgoingOptions & { readonly request: TransactionRequest },
): Promise<Hash> {
  const { accounts, transactions, feeCap } = dependencies;
  const from = request.from ?? NO_SENDER;
  const own = await accounts.has(from);
  // An impersonated account (anvil, hardhat) has no key here, and its transaction no signature.
  if (!own && (request.from === undefined || !transactions.isImpersonated(from))) await accounts.require(from);
  refuseBlobs(request);

  async function fillAndSend(): Promise<Hash> {
    const filled = await transactions.fill({ ...request, from }, options.signal);
    if (!own) {
      checkFeeCap(filled.fee, feeCap);
      return await transactions.sendUnsigned(filled);
    }
    const signature = await signFilled(dependencies, { filled, ...options });
    const { raw } = transactions.assemble(filled, signature);
    return await transactions.sendRaw(raw, { checkFee: (fee) => checkFeeCap(fee, feeCap) });
  }

  // A nonce that the node picks is free until the transaction is in the pool.
  return request.nonce === undefined ? await accounts.inNonceOrder(from, fillAndSend) : await fillAndSend();
}

/** Fills and signs without sending: `{raw, tx}` (internal/ethapi, SignTransaction). */
export async function signOnly(
  dependencies: OutgoingDependencies,
  { request, ...options }: OutgoingOptions & { readonly request: TransactionRequest },
): Promise<RawJson> {
  requireWhole(request);
  const { transactions, feeCap } = dependencies;
  const filled = await transactions.fill({ ...request, from: request.from ?? NO_SENDER }, options.signal);
  checkFeeCap(filled.fee, feeCap);
  const { raw, tx } = transactions.assemble(filled, await signFilled(dependencies, { filled, ...options }));
  return rawAndTransaction(raw, tx);
}

/** Joins geth's SignTransactionResult without decoding the transaction again. */
export function rawAndTransaction(raw: string, tx: RawJson): RawJson {
  return new RawJson(`{"raw":"${raw}","tx":${tx.text}}`);
}

/** geth's errBlobTxNotSupported: a blob transaction that is to be sent must come signed, with its blobs. */
export function refuseBlobs(request: TransactionRequest): void {
  const { blobVersionedHashes, maxFeePerBlobGas, blobs } = request;
  if (blobVersionedHashes !== undefined || maxFeePerBlobGas !== undefined || blobs !== undefined) {
    throw serverError("signing blob transactions not supported");
  }
}

/** A transaction that is signed but not sent must not depend on the moment of its signing. */
function requireWhole({ gas, gasPrice, maxFeePerGas, maxPriorityFeePerGas, nonce }: TransactionRequest): void {
  if (gas === undefined) throw serverError("gas not specified");
  if (gasPrice === undefined && (maxFeePerGas === undefined || maxPriorityFeePerGas === undefined)) {
    throw serverError("missing gasPrice or maxFeePerGas/maxPriorityFeePerGas");
  }
  if (nonce === undefined) throw serverError("nonce not specified");
}

function signFilled(
  { accounts }: OutgoingDependencies,
  { filled, use }: { readonly filled: FilledTransaction; readonly use?: PasswordUse | undefined },
): Promise<Signature> {
  const digest = digestBytes(filled.digest);
  return use === undefined
    ? accounts.sign(filled.from, digest)
    : accounts.signWithPassword(filled.from, { digest, use });
}
