import type { RawJson } from "../rpc/raw_json.ts";
import type { BlockOverrides, BlockRef, Hash, StateOverrides, TransactionRequest } from "../eth/types.ts";

/** What the struct logger shows of each instruction (geth's logger.Config). */
export interface StructLogOptions {
  readonly enableMemory?: boolean;
  readonly disableStack?: boolean;
  readonly disableStorage?: boolean;
  readonly enableReturnData?: boolean;
  /** Characters of output after which no further instruction is shown; 0 is no limit. */
  readonly limit?: number;
}

/** How to trace (geth's tracers.TraceConfig). */
export interface TraceOptions extends StructLogOptions {
  /** The struct logger when absent. */
  readonly tracer?: string;
  /** What the named tracer is told; each has its own. */
  readonly tracerConfig?: unknown;
  /** Time for each transaction, as Go writes durations: `10s`; 5 seconds when absent. */
  readonly timeout?: string;
}

/** How to trace a call (geth's tracers.TraceCallConfig). */
export interface TraceCallOptions extends TraceOptions {
  readonly stateOverrides?: StateOverrides;
  readonly blockOverrides?: BlockOverrides;
  /** Runs the call before this transaction of the block, not after its last. */
  readonly txIndex?: number;
}

/** Runs transactions again and tells what they did. The state is left alone, and the loop is never held up. */
export interface Tracer {
  traceTransaction(hash: Hash, context: TraceContext): Promise<RawJson>;
  /** A list of `{txHash, result}`. */
  traceBlock(at: BlockRef, context: TraceContext): Promise<RawJson>;
  traceCall(request: TransactionRequest, at: BlockRef, context: TraceContext<TraceCallOptions>): Promise<RawJson>;
}

/** How to trace, and when to stop. */
export interface TraceContext<Options extends TraceOptions = TraceOptions> {
  readonly trace: Options;
  readonly signal: AbortSignal;
}
