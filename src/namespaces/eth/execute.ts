import {
  blockNumberOrHash,
  blockOverrides,
  callRequest,
  LATEST,
  stateOverrides,
  wireAccessListResult,
  wireData,
  wireQuantity,
} from "../../eth/mod.ts";
import type { Executor } from "../../node/mod.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";

const transaction = required("transaction", callRequest);
const block = optional("block", blockNumberOrHash, "A number, tag, hash or EIP-1898 object; latest when absent.");
const state = optional("stateOverrides", stateOverrides, "Changes to accounts for the length of this call.");
const header = optional("blockOverrides", blockOverrides, "Changes to the block for the length of this call.");

/** Makes the rows that run calls without changing the chain (execution-apis, eth/execute). */
export function ethExecuteRows({ executor }: { executor: Executor }): { readonly [name: string]: Method } {
  return {
    eth_call: method({
      summary: "Runs a message and returns what it returns.",
      params: [transaction, block, state, header],
      result: wireData,
      repeatable: true,
      handler: ([request, at = LATEST, accounts, fields], { signal }) =>
        executor.call(request, at, { state: accounts, block: fields, signal }),
    }),
    eth_estimateGas: method({
      summary: "Returns the least gas limit with which a transaction succeeds.",
      params: [transaction, block, state, header],
      result: wireQuantity,
      handler: ([request, at = LATEST, accounts, fields], { signal }) =>
        executor.estimateGas(request, at, { state: accounts, block: fields, signal }),
    }),
    eth_createAccessList: method({
      summary: "Returns the access list of what a transaction touches, and its gas with that list (EIP-2930).",
      params: [transaction, block, state],
      result: wireAccessListResult,
      handler: ([request, at = LATEST, accounts], { signal }) =>
        executor.createAccessList(request, at, { state: accounts, signal }),
    }),
  };
}
