import type { TransactionRequest } from "../eth/types.ts";
import { serverError } from "../rpc/error.ts";
import type { BlockEnv } from "./env.ts";
import type { Message } from "./message.ts";
import { withEnv } from "./overrides.ts";
import { hexToBytes, ZERO_ADDRESS } from "../primitives/hex.ts";
import { MAX_INT64 } from "../primitives/uint.ts";

const NO_DATA = new Uint8Array(0);
/** The gas of a call that names none when there is no cap (geth: MaxUint64 / 2). */
const UNLIMITED_GAS = MAX_INT64;

export interface CallRules {
  readonly chainId: bigint;
  /** --rpc.gascap; 0 is none. */
  readonly gasCap: bigint;
  /** EIP-1559 is not active when undefined. */
  readonly baseFee: bigint | undefined;
}

/** A call as the state transition takes it (geth's TransactionArgs.CallDefaults and ToMessage). */
export function callMessage(request: TransactionRequest, rules: CallRules): Message {
  const { gasPrice, maxFeePerGas, maxPriorityFeePerGas, chainId } = request;
  if (gasPrice !== undefined && (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined)) {
    throw serverError("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified");
  }
  if (request.to === undefined || request.to === null) {
    if (request.blobVersionedHashes !== undefined) throw serverError("blob transaction of type create");
    if (request.authorizationList !== undefined) {
      throw serverError("EIP-7702 transaction cannot be used to create contract");
    }
  }
  if (chainId !== undefined && chainId !== rules.chainId) {
    throw serverError(`chainId does not match node's (have=${chainId}, want=${rules.chainId})`);
  }
  if (rules.baseFee === undefined && (maxFeePerGas !== undefined || maxPriorityFeePerGas !== undefined)) {
    throw serverError("maxFeePerGas and maxPriorityFeePerGas are not valid before London is active");
  }
  return {
    from: request.from ?? ZERO_ADDRESS,
    to: request.to ?? null,
    nonce: request.nonce ?? 0n,
    value: request.value ?? 0n,
    gasLimit: cappedGas(request.gas, rules.gasCap),
    ...fees(request, rules.baseFee),
    data: request.input === undefined ? NO_DATA : hexToBytes(request.input),
    accessList: request.accessList,
    blobFeeCap: request.maxFeePerBlobGas ?? 0n,
    blobHashes: request.blobVersionedHashes,
    authorizations: request.authorizationList,
    skipNonceChecks: true,
    skipTransactionChecks: true,
    noBaseFee: true,
  };
}

/** Refuses a price of blobs without blobs, as geth does for calls, estimates and access lists. */
export function checkBlobFeeCap({ maxFeePerBlobGas, blobVersionedHashes = [] }: TransactionRequest): void {
  if (maxFeePerBlobGas === undefined || blobVersionedHashes.length > 0) return;
  throw serverError("maxFeePerBlobGas specified without blobVersionedHashes");
}

function cappedGas(gas: bigint | undefined, cap: bigint): bigint {
  if (gas === undefined) return cap === 0n ? UNLIMITED_GAS : cap;
  return cap !== 0n && cap < gas ? cap : gas;
}

function fees(
  { gasPrice, maxFeePerGas, maxPriorityFeePerGas }: TransactionRequest,
  baseFee: bigint | undefined,
): Pick<Message, "gasPrice" | "gasFeeCap" | "gasTipCap"> {
  if (baseFee === undefined || gasPrice !== undefined) {
    const price = gasPrice ?? 0n;
    return { gasPrice: price, gasFeeCap: price, gasTipCap: price };
  }
  const gasFeeCap = maxFeePerGas ?? 0n;
  const gasTipCap = maxPriorityFeePerGas ?? 0n;
  // All zero means that nothing is paid; then the price is not the base fee either.
  if (gasFeeCap === 0n && gasTipCap === 0n) return { gasPrice: 0n, gasFeeCap, gasTipCap };
  const wanted = gasTipCap + baseFee;
  return { gasPrice: wanted < gasFeeCap ? wanted : gasFeeCap, gasFeeCap, gasTipCap };
}

/** The block that a call sees: one that pays nothing sees no base fee, so that it is never below it (as geth). */
export function callEnv(env: BlockEnv, message: Message): BlockEnv {
  const isFree = message.gasPrice === 0n && env.baseFee !== undefined && env.baseFee !== 0n;
  const isBlobFree = message.blobFeeCap === 0n && message.blobHashes !== undefined && env.blobBaseFee !== undefined;
  if (!isFree && !isBlobFree) return env;
  return withEnv(env, {
    ...(isFree ? { baseFee: 0n } : {}),
    ...(isBlobFree ? { blobBaseFee: 0n } : {}),
  });
}
