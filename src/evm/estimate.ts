import { serverError } from "../rpc/error.ts";
import type { Message, MessageResult } from "./message.ts";
import { revertError } from "./revert.ts";
import { TransactionError } from "./transaction_error.ts";
import { GAS_PER_BLOB, MAX_TRANSACTION_GAS } from "../primitives/limits.ts";

/** An estimate may be this much too high: wallets add 20 to 25 % anyway (geth's estimateGasErrorRatio). */
const ERROR_RATIO = 0.015;
const TX_GAS = 21_000n;
const CALL_STIPEND = 2_300n;

export interface EstimateRules {
  /** The gas limit of the block. */
  readonly blockGasLimit: bigint;
  /** --rpc.gascap; 0 is none. */
  readonly gasCap: bigint;
  /** EIP-7825 holds. */
  readonly hasTransactionCap: boolean;
  /** The caller's gas; undefined when the caller named none. */
  readonly gas: bigint | undefined;
  /** Of the sender, wei. */
  readonly balance: bigint;
  /** Of the recipient, bytes. */
  readonly codeSize: number;
  /** Runs the message from the same state each time. */
  run(message: Message): Promise<MessageResult>;
}

interface Attempt {
  readonly isFailed: boolean;
  /** Undefined when the gas was not enough to begin with, or too much. */
  readonly result: MessageResult | undefined;
}

/** The least gas, give or take 1.5 %, with which a message succeeds (geth's eth/gasestimator). */
export async function estimateGas(message: Message, rules: EstimateRules): Promise<bigint> {
  let high = highestGas(message, rules);
  if (message.data.length === 0 && message.to !== null && rules.codeSize === 0) {
    const { isFailed } = await attempt(message, TX_GAS, rules).catch(() => ({ isFailed: true }));
    if (!isFailed) return TX_GAS;
  }
  const first = await attempt(message, high, rules);
  if (first.isFailed || first.result === undefined) {
    const error = first.result?.error;
    if (error?.kind === "revert") throw revertError(first.result?.returnData ?? new Uint8Array(0));
    if (error !== undefined && error.kind !== "outOfGas") throw serverError(error.message);
    throw serverError(`gas required exceeds allowance (${high})`);
  }
  let low = first.result.gasUsed - 1n;
  // The gas at the peak of the first run, and a 64th that calls hold back, is usually enough.
  const optimistic = (first.result.maxUsedGas + CALL_STIPEND) * 64n / 63n;
  if (optimistic < high) {
    if ((await attempt(message, optimistic, rules)).isFailed) low = optimistic;
    else high = optimistic;
  }
  while (low + 1n < high) {
    if (Number(high - low) / Number(high) < ERROR_RATIO) break;
    let middle = (high + low) / 2n;
    // Most messages need little more than they used, far from the block's limit.
    if (middle > low * 2n) middle = low * 2n;
    if ((await attempt(message, middle, rules)).isFailed) low = middle;
    else high = middle;
  }
  return high;
}

function highestGas(message: Message, rules: EstimateRules): bigint {
  let high = rules.gas !== undefined && rules.gas >= TX_GAS ? rules.gas : rules.blockGasLimit;
  if (rules.hasTransactionCap && high > MAX_TRANSACTION_GAS) high = MAX_TRANSACTION_GAS;
  if (message.gasFeeCap !== 0n) {
    // Also without a value: a sender that owns nothing cannot pay a fee.
    if (message.value >= rules.balance) throw serverError("insufficient funds for transfer");
    let available = rules.balance - message.value;
    const blobCost = BigInt(message.blobHashes?.length ?? 0) * GAS_PER_BLOB * message.blobFeeCap;
    if (blobCost !== 0n) {
      if (blobCost >= available) throw serverError("insufficient funds for gas * price + value");
      available -= blobCost;
    }
    const allowance = available / message.gasFeeCap;
    if (high > allowance) high = allowance;
  }
  if (rules.gasCap !== 0n && high > rules.gasCap) high = rules.gasCap;
  return high;
}

async function attempt(message: Message, gasLimit: bigint, rules: EstimateRules): Promise<Attempt> {
  try {
    const result = await rules.run({ ...message, gasLimit });
    return { isFailed: result.error !== undefined, result };
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    const isAboutGas = error.kind === "intrinsicGas" || error.kind === "gasLimitTooHigh";
    if (isAboutGas) return { isFailed: true, result: undefined };
    throw serverError(`failed with ${gasLimit} gas: ${error.message}`, { cause: error });
  }
}
