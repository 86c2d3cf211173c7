import {
  blockNumberOrHash,
  blockOverrides,
  callRequest,
  LATEST,
  stateOverrides,
  struct,
  wireSimulatedBlock,
} from "../../eth/mod.ts";
import type { Simulation, Simulator } from "../../node/mod.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { array, boolean, type Schema } from "../../rpc/schema.ts";
import { mapped } from "../../rpc/schema_object.ts";

// geth's structs have no JSON names, so its errors show Go's.
const simulatedBlock = struct({
  blockOverrides,
  stateOverrides,
  calls: array(callRequest, { goType: "[]ethapi.TransactionArgs" }),
}, {
  type: "ethapi.simBlock",
  goNames: { blockOverrides: "BlockOverrides", stateOverrides: "StateOverrides", calls: "Calls" },
});

const simulation: Schema<Simulation> = mapped(
  struct({
    blockStateCalls: array(simulatedBlock, { goType: "[]ethapi.simBlock" }),
    traceTransfers: boolean,
    validation: boolean,
    returnFullTransactions: boolean,
  }, {
    type: "ethapi.simOpts",
    goNames: {
      blockStateCalls: "BlockStateCalls",
      traceTransfers: "TraceTransfers",
      validation: "Validation",
      returnFullTransactions: "ReturnFullTransactions",
    },
  }),
  (options) => ({
    blocks: (options.blockStateCalls ?? []).map((block) => ({
      block: block.blockOverrides,
      state: block.stateOverrides,
      calls: block.calls ?? [],
    })),
    traceTransfers: options.traceTransfers ?? false,
    validation: options.validation ?? false,
    fullTransactions: options.returnFullTransactions ?? false,
  }),
);

/** Blocks that are run and thrown away (execution-apis, eth/execute). */
export function ethSimulateRows(simulator: Simulator): { readonly [name: string]: Method } {
  return {
    eth_simulateV1: method({
      summary: "Runs calls in blocks on top of the chain, with changes to blocks and accounts, and keeps nothing.",
      params: [
        required("payload", simulation),
        optional("blockTag", blockNumberOrHash, "A number, tag, hash or EIP-1898 object; latest when absent."),
      ],
      result: array(wireSimulatedBlock),
      handler: ([blocks, at = LATEST], { signal }) => simulator.simulate(blocks, at, { signal }),
    }),
  };
}
