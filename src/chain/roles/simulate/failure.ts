import { ETH_CODE } from "../../../eth/error.ts";
import { CODE, RpcError, serverError } from "../../../rpc/error.ts";
import { formatGoDuration } from "../../../text/go_duration.ts";
import { OverrideError } from "../../../evm/overrides.ts";
import { TransactionError, type TransactionErrorKind } from "../../../evm/transaction_error.ts";
import { RunAborted } from "../../../concurrency/pacer.ts";

/** The codes of execution-apis for a call that could not be part of its block; geth answers -32603 for all others. */
const CODES: { readonly [kind in TransactionErrorKind]?: number } = {
  nonceTooLow: ETH_CODE.nonceTooLow,
  nonceTooHigh: ETH_CODE.nonceTooHigh,
  feeCapTooLow: ETH_CODE.baseFeeTooLow,
  tipAboveFeeCap: CODE.invalidParams,
  intrinsicGas: ETH_CODE.intrinsicGas,
  insufficientFunds: ETH_CODE.insufficientFunds,
  insufficientFundsForTransfer: ETH_CODE.insufficientFunds,
  senderNotEoa: ETH_CODE.senderIsNotEOA,
  initCodeTooLarge: ETH_CODE.maxInitCodeSizeExceeded,
};

/** Words the error of a call that ran with `gas`. */
export function callFailure(error: unknown, gas: bigint): unknown {
  if (!(error instanceof TransactionError)) return error;
  return new RpcError(CODES[error.kind] ?? CODE.internal, `err: ${error.message} (supplied gas ${gas})`, {
    cause: error,
  });
}

/** Words the error that ended a whole simulation. */
export function simulationFailure(error: unknown, timeoutMs: number): unknown {
  if (error instanceof RunAborted) {
    const why = error.timedOut ? `execution aborted (timeout = ${formatGoDuration(timeoutMs)})` : "execution aborted";
    return new RpcError(CODE.internal, why, { cause: error });
  }
  if (!(error instanceof OverrideError)) return error;
  // execution-apis has a code of its own for this one; geth answers all of them with -32000.
  if (error.kind === "selfReference") {
    return new RpcError(ETH_CODE.movePrecompileSelfReference, error.message, { cause: error });
  }
  return serverError(error.message, { cause: error });
}
