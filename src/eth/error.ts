import { RpcError } from "../rpc/error.ts";

/** The error codes that Ethereum adds to JSON-RPC's, and where each comes from. */
export const ETH_CODE = {
  /** geth's internal/ethapi/errors.go: the EVM reverted; `data` is what it returned. */
  reverted: 3,
  /** EIP-7966: a transaction was pooled but not mined in time; `data` is its hash. */
  notMinedInTime: 4,
  /** geth's core/history: bodies and receipts below the cut-off are gone. */
  prunedHistory: 4444,
  /** execution-apis, eth_simulateV1. */
  nonceTooLow: -38010,
  nonceTooHigh: -38011,
  baseFeeTooLow: -38012,
  intrinsicGas: -38013,
  insufficientFunds: -38014,
  blockGasLimitReached: -38015,
  blockNumberInvalid: -38020,
  blockTimestampInvalid: -38021,
  movePrecompileSelfReference: -38022,
  movePrecompileDuplicate: -38023,
  senderIsNotEOA: -38024,
  maxInitCodeSizeExceeded: -38025,
  clientLimitExceeded: -38026,
  vmError: -32015,
} as const;

/** geth's clientLimitExceededError: a request asks for more than one call may. */
export function clientLimitError(message: string): RpcError {
  return new RpcError(ETH_CODE.clientLimitExceeded, message);
}
