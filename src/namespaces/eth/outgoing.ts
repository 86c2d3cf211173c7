import { type AccountManager, digestBytes, type PasswordUse } from "../../accounts/mod.ts";
import type { Hash, TransactionRequest } from "../../eth/types.ts";
import { signedTransactionJson } from "../../eth/output/transaction_json.ts";
import { wireData } from "../../eth/output/wire.ts";
import { wireUnminedTransaction } from "../../eth/output/transaction.ts";
import type { FilledTransaction, Node } from "../../node/mod.ts";
import { ZERO_ADDRESS } from "../../primitives/hex.ts";
import { signingDigest } from "../../primitives/sender.ts";
import { highestFee, networkEncoding, transactionHash, withSignature } from "../../primitives/signed_transaction.ts";
import { serverError } from "../../rpc/error.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import { object } from "../../rpc/schema_object.ts";
import { checkFeeCap } from "../fee_cap.ts";

/** The parts of the server that make transactions of its own accounts. */
export interface OutgoingDependencies {
  readonly node: Pick<Node, "submit" | "dev">;
  readonly accounts: AccountManager;
  readonly policy: {
    /** --rpc.txfeecap in wei; 0 is no cap. */
    readonly feeCap: bigint;
  };
}

export interface OutgoingOptions {
  readonly request: TransactionRequest;
  readonly signal: AbortSignal;
  /** Signs with this password instead of an unlocked key. */
  readonly use?: PasswordUse | undefined;
}

/** geth's SignTransactionResult: the encoded transaction, and its fields as types.Transaction shows them. */
export const wireRawAndTransaction = object({ raw: wireData, tx: wireUnminedTransaction }, { closed: true });

/** Fills, signs and sends, in geth's order of checks (internal/ethapi, SendTransaction). */
export async function send(dependencies: OutgoingDependencies, options: OutgoingOptions): Promise<Hash> {
  const { node: { submit, dev }, accounts, policy: { feeCap } } = dependencies;
  const { request } = options;
  // As in geth's TransactionArgs.from, the sender is the zero address by default, for which nobody has a key.
  const from = request.from ?? ZERO_ADDRESS;
  if (!await accounts.has(from)) {
    // An impersonated account (anvil, hardhat) has no key here, and its transaction no signature.
    if (request.from !== undefined && dev?.isImpersonated(from)) return await sendUnsigned(dependencies, options);
    await accounts.require(from);
  }
  refuseBlobs(request);
  return await inNonceOrder(dependencies, request, async () => {
    const { transaction, sidecar } = await fillAndSign(dependencies, { ...options, request: { ...request, from } });
    return await submit.sendRaw(networkEncoding(transaction, sidecar), {
      checkFee: (fee) => checkFeeCap(fee, feeCap),
    });
  });
}

/** Fills and sends without a signature, from the account that the request names. */
export async function sendUnsigned(
  dependencies: OutgoingDependencies,
  { request, signal }: OutgoingOptions,
): Promise<Hash> {
  const { node: { submit, dev }, policy: { feeCap } } = dependencies;
  if (dev === undefined) throw serverError("this node sends no unsigned transactions");
  refuseBlobs(request);
  return await inNonceOrder(dependencies, request, async () => {
    const filled = await submit.fill(request, signal);
    checkFeeCap(highestFee(filled.transaction), feeCap);
    return await dev.sendUnsigned(filled);
  });
}

/** Fills and signs without sending: `{raw, tx}` (internal/ethapi, SignTransaction). */
export async function signOnly(dependencies: OutgoingDependencies, options: OutgoingOptions): Promise<RawJson> {
  const { request } = options;
  requireWhole(request);
  const from = request.from ?? ZERO_ADDRESS;
  const checkFee = (fee: bigint) => checkFeeCap(fee, dependencies.policy.feeCap);
  return rawAndTransaction(await fillAndSign(dependencies, { ...options, request: { ...request, from }, checkFee }));
}

/** Encodes geth's SignTransactionResult. */
export function rawAndTransaction({ transaction, sidecar }: Omit<FilledTransaction, "from">): RawJson {
  const tx = signedTransactionJson(transaction, transactionHash(transaction), sidecar);
  return new RawJson(`{"raw":"${networkEncoding(transaction, sidecar)}","tx":${tx.text}}`);
}

async function fillAndSign(
  { node, accounts }: OutgoingDependencies,
  { request, signal, use, checkFee }: OutgoingOptions & { readonly checkFee?: (fee: bigint) => void },
): Promise<FilledTransaction> {
  const filled = await node.submit.fill(request, signal);
  checkFee?.(highestFee(filled.transaction));
  const digest = digestBytes(signingDigest(filled.transaction));
  const signature = use === undefined
    ? await accounts.sign(filled.from, digest)
    : await accounts.signWithPassword(filled.from, { digest, use });
  return { ...filled, transaction: withSignature(filled.transaction, signature) };
}

/** Runs `work`, one call per sender at a time if the node picks the nonce: it stays free until the transaction is pooled. */
function inNonceOrder(
  { accounts }: OutgoingDependencies,
  request: TransactionRequest,
  work: () => Promise<Hash>,
): Promise<Hash> {
  return request.nonce === undefined ? accounts.inNonceOrder(request.from ?? ZERO_ADDRESS, work) : work();
}

/** Throws geth's errBlobTxNotSupported for a blob transaction: it can be sent only as a signed one with its blobs. */
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
