import { checkFeeCap } from "../../accounts/mod.ts";
import { transactionRequest } from "../../eth/input/transaction_request.ts";
import { wireHash } from "../../eth/output/wire.ts";
import { serverError } from "../../rpc/error.ts";
import { type Method, method, required } from "../../rpc/method.ts";
import { type OutgoingDependencies, refuseBlobs } from "./outgoing.ts";

/**
 * The row of `eth` that acts for anyone at all. It belongs to those who control the node, so it is served only beside
 * `anvil` or `hardhat`, whatever its name says.
 */
export function ethUnsignedRows(dependencies: OutgoingDependencies): { readonly [name: string]: Method } {
  const { accounts, transactions, feeCap } = dependencies;

  return {
    eth_sendUnsignedTransaction: method({
      summary: "Completes and sends a transaction of any account without a signature; beside anvil or hardhat only.",
      params: [required("transaction", transactionRequest)],
      result: wireHash,
      async handler([request], { signal }) {
        const { from } = request;
        if (from === undefined) throw serverError("sender not specified");
        refuseBlobs(request);

        async function fillAndSend() {
          const filled = await transactions.fill(request, signal);
          checkFeeCap(filled.fee, feeCap);
          return await transactions.sendUnsigned(filled);
        }

        // As in eth_sendTransaction: a nonce that the node picks is free until the transaction is in the pool.
        return request.nonce === undefined ? await accounts.inNonceOrder(from, fillAndSend) : await fillAndSend();
      },
    }),
  };
}
