import { transactionRequest } from "../../eth/input/transaction_request.ts";
import { wireHash } from "../../eth/output/wire.ts";
import { serverError } from "../../rpc/error.ts";
import { type Method, method, required } from "../../rpc/method.ts";
import { type OutgoingDependencies, sendUnsigned } from "./outgoing.ts";

/**
 * Makes the row of `eth` that sends from any account. It controls the node, so it is served only where `anvil` or
 * `hardhat` is served too.
 */
export function ethUnsignedRows(dependencies: OutgoingDependencies): { readonly [name: string]: Method } {
  return {
    eth_sendUnsignedTransaction: method({
      summary: "Completes and sends a transaction of any account without a signature; needs anvil or hardhat as well.",
      params: [required("transaction", transactionRequest)],
      result: wireHash,
      handler([request], { signal }) {
        if (request.from === undefined) throw serverError("sender not specified");
        return sendUnsigned(dependencies, { request, signal });
      },
    }),
  };
}
