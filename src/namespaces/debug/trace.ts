import {
  blockNumber,
  blockNumberOrHash,
  callRequest,
  data,
  hash,
  LATEST,
  traceCallConfig,
  traceConfig,
  wireBlockTrace,
  wireHash,
  wireTrace,
} from "../../eth/mod.ts";
import type { Tracer } from "../../node/mod.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { array } from "../../rpc/schema.ts";

const config = optional(
  "config",
  traceConfig,
  "A native tracer of geth by its name and its tracerConfig, or what the struct logger shows.",
);
const block = optional("block", blockNumberOrHash, "A number, tag, hash or EIP-1898 object; latest when absent.");

/** Makes the rows that trace mined transactions and calls. */
export function debugTraceRows(tracer: Tracer): { readonly [name: string]: Method } {
  return {
    debug_traceTransaction: method({
      summary: "Runs a mined transaction again and returns its trace.",
      params: [required("transactionHash", hash), config],
      result: wireTrace,
      repeatable: true,
      handler: ([wanted, trace = {}], { signal }) => tracer.traceTransaction(wanted, { trace, signal }),
    }),
    debug_traceBlock: method({
      summary: "Runs the transactions of a block that is given in its RLP encoding, and returns their traces.",
      params: [required("block", data), config],
      result: wireBlockTrace,
      handler: ([raw, trace = {}], { signal }) => tracer.traceRawBlock(raw, { trace, signal }),
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
      handler: ([request, at = LATEST, trace = {}], { signal }) => tracer.traceCall(request, at, { trace, signal }),
    }),
    debug_intermediateRoots: method({
      summary: "Runs the transactions of a block again and returns the state root after each.",
      params: [required("blockHash", hash), config],
      result: array(wireHash),
      handler: ([blockHash], { signal }) => tracer.intermediateRoots(blockHash, signal),
    }),
  };
}
