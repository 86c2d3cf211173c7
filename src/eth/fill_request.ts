import { type CompleteRequest, typeOfRequest } from "./unsigned_transaction.ts";
import type { Address, Quantity, TransactionRequest } from "./types.ts";
import { serverError } from "../rpc/error.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import { TX_TYPE } from "../primitives/transaction.ts";
import { MAX_BLOBS_PER_TRANSACTION } from "../primitives/limits.ts";
import { quantity, ZERO_ADDRESS } from "../primitives/hex.ts";

/** The fees that a caller may leave out. */
export interface FeeDefaults {
  /** The rules of the next block. */
  readonly rules: { has(fork: "london"): boolean };
  /** The base fee from which suggestions start, wei; undefined before London. */
  readonly baseFee: bigint | undefined;
  /** Of the head's next block, wei. */
  readonly blobBaseFee: bigint | null;
  suggestedTip(): bigint;
  /** Takes a price of nothing: the next block charges nothing, and the pool asks for no tip. */
  readonly isFree: boolean;
}

/** The values that a node knows and a caller may leave out. */
export interface Defaults extends FeeDefaults {
  readonly chainId: bigint;
  nextNonce(address: Address): Awaitable<bigint>;
  estimateGas(request: TransactionRequest): Promise<Quantity>;
}

/** Fills in what is missing, in the order and with the errors of geth's TransactionArgs.setDefaults. */
export async function fillRequest(request: TransactionRequest, defaults: Defaults): Promise<CompleteRequest> {
  const fees = fillFees(request, defaults);
  const from = request.from ?? ZERO_ADDRESS;
  const value = request.value ?? 0n;
  const nonce = request.nonce ?? await defaults.nextNonce(from);
  checkTarget(request);
  if (request.chainId !== undefined && request.chainId !== defaults.chainId) {
    throw serverError(`chainId does not match node's (have=${request.chainId}, want=${defaults.chainId})`);
  }
  const filled = { ...request, ...fees, from, value, nonce, chainId: defaults.chainId };
  const gas = request.gas ?? BigInt(await defaults.estimateGas(filled));
  return { ...filled, gas, type: typeOfRequest(filled) };
}

/** Refuses more blobs than a transaction may carry (EIP-7594). */
export function checkBlobCount(count: number): void {
  if (count <= MAX_BLOBS_PER_TRANSACTION) return;
  throw serverError(`too many blobs in transaction (have=${count}, max=${MAX_BLOBS_PER_TRANSACTION})`);
}

function checkTarget(request: TransactionRequest): void {
  const { blobVersionedHashes, to } = request;
  if (blobVersionedHashes?.length === 0) throw serverError("need at least 1 blob for a blob transaction");
  if (blobVersionedHashes !== undefined) checkBlobCount(blobVersionedHashes.length);
  if (to !== undefined && to !== null) return;
  if (blobVersionedHashes !== undefined) throw serverError('missing "to" in blob transaction');
  if ((request.input ?? "0x") === "0x") throw serverError("contract creation without any data provided");
}

type Fees = Pick<TransactionRequest, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas" | "maxFeePerBlobGas">;

/** The fees of a request, checked and completed (geth's setFeeDefaults). */
export function fillFees(request: TransactionRequest, defaults: FeeDefaults): Fees {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas } = request;
  if (maxFeePerBlobGas === 0n) throw serverError("maxFeePerBlobGas, if specified, must be non-zero");
  // Twice the price of now, so that it is still enough some blocks later.
  const blob = request.blobVersionedHashes !== undefined && maxFeePerBlobGas === undefined
    ? { maxFeePerBlobGas: (defaults.blobBaseFee ?? 0n) * 2n }
    : {};
  if (gasPrice !== undefined && (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined)) {
    throw serverError("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
  }
  if (gasPrice !== undefined && request.authorizationList !== undefined) {
    throw serverError("both gasPrice and authorizationList specified");
  }
  const london = defaults.rules.has("london");
  const { isFree } = defaults;
  if (gasPrice !== undefined) {
    if (gasPrice === 0n && london && !isFree) throw serverError("gasPrice must be non-zero after london fork");
    return { gasPrice, ...blob };
  }
  if (maxFeePerGas !== undefined && maxPriorityFeePerGas !== undefined) {
    if (maxFeePerGas === 0n && !isFree) throw serverError("maxFeePerGas must be non-zero");
    checkCap(maxFeePerGas, maxPriorityFeePerGas);
    return { maxFeePerGas, maxPriorityFeePerGas, ...blob };
  }
  // The caller asked for a type that has one price only.
  const onePrice = request.type === TX_TYPE.legacy || request.type === TX_TYPE.accessList;
  if (london && onePrice && maxFeePerGas === undefined && maxPriorityFeePerGas === undefined) {
    return { gasPrice: defaults.suggestedTip() + (defaults.baseFee ?? 0n), ...blob };
  }
  if (!london) {
    if (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined) {
      throw serverError("maxFeePerGas and maxPriorityFeePerGas are not valid before London is active");
    }
    return { gasPrice: defaults.suggestedTip() };
  }
  const tip = maxPriorityFeePerGas ?? defaults.suggestedTip();
  const cap = maxFeePerGas ?? tip + (defaults.baseFee ?? 0n) * 2n;
  checkCap(cap, tip);
  return { maxFeePerGas: cap, maxPriorityFeePerGas: tip, ...blob };
}

function checkCap(cap: bigint, tip: bigint): void {
  if (cap < tip) throw serverError(`maxFeePerGas (${quantity(cap)}) < maxPriorityFeePerGas (${quantity(tip)})`);
}
