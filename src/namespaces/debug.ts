import {
  blockNumber,
  blockNumberOrHash,
  callRequest,
  hash,
  traceCallConfig,
  traceConfig,
  wireBlockTrace,
  wireData,
  wireTrace,
} from "../eth/mod.ts";
import type { BlockReader, RawReader, Tracer } from "../node/mod.ts";
import { type Method, method, optional, required } from "../rpc/method.ts";
import { anything, array } from "../rpc/schema.ts";
import { nullable } from "../rpc/schema_object.ts";

const config = optional(
  "config",
  traceConfig,
  "A native tracer of geth by its name and its tracerConfig, or what the struct logger shows.",
);
const block = required("block", blockNumberOrHash);
const transactionHash = required("transactionHash", hash);

export interface DebugBlockDeps {
  readonly blocks: BlockReader;
}

/** The rows of `debug` that every node has. */
export function debugBlockRows({ blocks }: DebugBlockDeps): { readonly [name: string]: Method } {
  return {
    debug_getRawTransaction: method({
      summary: "Returns the encoding of a mined or waiting transaction, no bytes when there is none.",
      params: [transactionHash],
      result: wireData,
      repeatable: true,
      handler: async ([wanted]) => await blocks.rawTransaction(wanted) ?? "0x",
    }),
    debug_getBadBlocks: method({
      summary:
        "Returns the blocks that were refused lately: none, since a bad block ends the import and no peer sends any.",
      params: [],
      result: array(anything),
      repeatable: true,
      handler: () => [],
    }),
  };
}

/** Reads of consensus encodings. */
export function debugRawRows(raw: RawReader): { readonly [name: string]: Method } {
  return {
    debug_getRawHeader: method({
      summary: "Returns the RLP encoding of a header.",
      params: [block],
      result: wireData,
      repeatable: true,
      handler: ([at]) => raw.rawHeader(at),
    }),
    debug_getRawBlock: method({
      summary: "Returns the RLP encoding of a block.",
      params: [block],
      result: wireData,
      repeatable: true,
      handler: ([at]) => raw.rawBlock(at),
    }),
    debug_getRawReceipts: method({
      summary: "Returns the consensus encodings of the receipts of a block.",
      params: [block],
      result: nullable(array(wireData)),
      repeatable: true,
      handler: ([at]) => raw.rawReceipts(at),
    }),
  };
}

/** Runs of mined transactions and of calls, with a trace of what they do. */
export function debugTraceRows(tracer: Tracer): { readonly [name: string]: Method } {
  return {
    debug_traceTransaction: method({
      summary: "Runs a mined transaction again and returns its trace.",
      params: [transactionHash, config],
      result: wireTrace,
      repeatable: true,
      handler: ([wanted, trace = {}], { signal }) => tracer.traceTransaction(wanted, { trace, signal }),
    }),
    debug_traceBlockByNumber: method({
      summary: "Runs the transactions of a block again, by number or tag, and returns their traces.",
      params: [required("block", blockNumber), config],
      result: wireBlockTrace,
      repeatable: true,
      handler: ([at, trace = {}], { signal }) => tracer.traceBlock(at, { trace, signal }),
    }),
    debug_traceBlockByHash: method({
      summary: "Runs the transactions of the block with a hash again, and returns their traces.",
      params: [required("blockHash", hash), config],
      result: wireBlockTrace,
      repeatable: true,
      handler: ([blockHash, trace = {}], { signal }) =>
        tracer.traceBlock({ hash: blockHash, requireCanonical: false }, { trace, signal }),
    }),
    debug_traceCall: method({
      summary: "Runs a message after a block, with changes to accounts and block, and returns its trace.",
      params: [required("transaction", callRequest), block, optional("config", traceCallConfig)],
      result: wireTrace,
      repeatable: true,
      handler: ([request, at, trace = {}], { signal }) => tracer.traceCall(request, at, { trace, signal }),
    }),
  };
}
