import { blockOverrides, stateOverrides } from "./overrides.ts";
import { bool, type Codec, converted, list } from "./codec.ts";
import { struct } from "./struct.ts";
import { callRequest } from "./transaction_request.ts";
import type { Simulation } from "../types.ts";

// geth's structs have no JSON names, so its errors show Go's.
const simulatedBlock = struct({
  blockOverrides,
  stateOverrides,
  calls: list(callRequest, "[]ethapi.TransactionArgs"),
}, {
  type: "ethapi.simBlock",
  goNames: { blockOverrides: "BlockOverrides", stateOverrides: "StateOverrides", calls: "Calls" },
});

/** The payload of eth_simulateV1 (geth's ethapi.simOpts). */
export const simulation: Codec<Simulation> = converted(
  struct({
    blockStateCalls: list(simulatedBlock, "[]ethapi.simBlock"),
    traceTransfers: bool,
    validation: bool,
    returnFullTransactions: bool,
  }, {
    type: "ethapi.simOpts",
    goNames: {
      blockStateCalls: "BlockStateCalls",
      traceTransfers: "TraceTransfers",
      validation: "Validation",
      returnFullTransactions: "ReturnFullTransactions",
    },
  }),
  {
    read: (options) => ({
      blocks: (options.blockStateCalls ?? []).map((block) => ({
        block: block.blockOverrides,
        state: block.stateOverrides,
        calls: block.calls ?? [],
      })),
      traceTransfers: options.traceTransfers ?? false,
      validation: options.validation ?? false,
      fullTransactions: options.returnFullTransactions ?? false,
    }),
    write: ({ blocks, traceTransfers, validation, fullTransactions }) => ({
      blockStateCalls: blocks.map(({ block, state, calls }) => ({
        ...(block === undefined ? {} : { blockOverrides: block }),
        ...(state === undefined ? {} : { stateOverrides: state }),
        calls,
      })),
      traceTransfers,
      validation,
      returnFullTransactions: fullTransactions,
    }),
  },
);
