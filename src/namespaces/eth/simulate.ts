import { blockNumberOrHash, LATEST, simulation, wireSimulatedBlock } from "../../eth/mod.ts";
import type { Simulator } from "../../node/mod.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { array } from "../../rpc/schema.ts";

/** Makes the row that runs blocks and drops them (execution-apis, eth/execute). */
export function ethSimulateRows(simulator: Simulator): { readonly [name: string]: Method } {
  return {
    eth_simulateV1: method({
      summary: "Runs calls in blocks on top of the chain, with changes to blocks and accounts, and keeps nothing.",
      params: [
        required("payload", simulation),
        optional("blockTag", blockNumberOrHash, "A number, tag, hash or EIP-1898 object; latest when absent."),
      ],
      result: array(wireSimulatedBlock),
      repeatable: true,
      handler: ([blocks, at = LATEST], { signal }) => simulator.simulate(blocks, at, { signal }),
    }),
  };
}
