import type { BlockOverrides, BlockRef, Data, Quantity, StateOverrides, TransactionRequest } from "../eth/types.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** Changes for the length of a call, and the signal that ends it. */
export interface CallOptions {
  readonly state?: StateOverrides | undefined;
  readonly block?: BlockOverrides | undefined;
  readonly signal: AbortSignal;
}

/** Runs messages without changing anything. Bounded by --rpc.gascap and --rpc.evmtimeout. */
export interface Executor {
  call(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Data>;
  estimateGas(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Quantity>;
  /** The result of eth_createAccessList. */
  createAccessList(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<RawJson>;
}
