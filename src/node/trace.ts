import type { BlockRef, Data, Hash, TraceCallOptions, TraceOptions, TransactionRequest } from "../eth/types.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** Runs transactions again and tells what they did. The state is left alone, and the loop is never held up. */
export interface Tracer {
  traceTransaction(hash: Hash, context: TraceContext): Promise<RawJson>;
  /** A list of `{txHash, result}`, of a block in its RLP encoding whose parent is known. */
  traceRawBlock(block: Data, context: TraceContext): Promise<RawJson>;
  /** A list of the state roots after each transaction of a block. */
  intermediateRoots(blockHash: Hash, signal: AbortSignal): Promise<RawJson>;
  /** A list of `{txHash, result}`. */
  traceBlock(at: BlockRef, context: TraceContext): Promise<RawJson>;
  traceCall(request: TransactionRequest, at: BlockRef, context: TraceContext<TraceCallOptions>): Promise<RawJson>;
}

/** How to trace, and when to stop. */
export interface TraceContext<Options extends TraceOptions = TraceOptions> {
  readonly trace: Options;
  readonly signal: AbortSignal;
}
