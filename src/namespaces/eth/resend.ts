import { big, type Hash, type TransactionRequest, transactionRequest, uint64, wireHash } from "../../eth/mod.ts";
import type { FilledTransaction, Node, PoolReader } from "../../node/mod.ts";
import { ZERO_ADDRESS } from "../../primitives/hex.ts";
import { signingDigest } from "../../primitives/sender.ts";
import { transactionHash } from "../../primitives/signed_transaction.ts";
import { decodeTransaction } from "../../primitives/transaction_codec.ts";
import { serverError } from "../../rpc/error.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { checkFeeCap } from "../fee_cap.ts";
import { type OutgoingDependencies, send } from "./outgoing.ts";

export interface EthResendDeps extends OutgoingDependencies {
  readonly node: Pick<Node, "submit" | "dev" | "blocks">;
  readonly pool: PoolReader;
}

/** Finds a transaction in the pool with the same sender and the same signed fields; its hash may differ. */
async function findPending({ node, pool }: EthResendDeps, wanted: FilledTransaction): Promise<Hash | undefined> {
  const digest = signingDigest(wanted.transaction);
  const pending = (await pool.pendingOf(new Set([wanted.from]))).decode() as readonly { readonly hash: Hash }[];
  for (const { hash } of pending) {
    const raw = await node.blocks.rawTransaction(hash);
    if (raw === null) continue;
    if (signingDigest(decodeTransaction(raw.slice(2)).transaction) === digest) return hash;
  }
  return undefined;
}

/** Makes the row of `eth` that replaces a transaction of the pool (geth's internal/ethapi, Resend). */
export function ethResendRows(dependencies: EthResendDeps): { readonly [name: string]: Method } {
  const { node, policy: { feeCap } } = dependencies;
  return {
    eth_resend: method({
      summary: "Sends a waiting transaction of an unlocked account again, with another gas price or gas limit.",
      params: [
        required("transaction", transactionRequest, "The waiting transaction, with its nonce."),
        optional("gasPrice", big, "Wei; the old one when absent or 0."),
        optional("gasLimit", uint64, "The old one when absent or 0."),
      ],
      result: wireHash,
      async handler([request, gasPrice = 0n, gas = 0n], { signal }) {
        if (request.nonce === undefined) throw serverError("missing transaction nonce in transaction spec");
        const filled = await node.submit.fill({ ...request, from: request.from ?? ZERO_ADDRESS }, signal);
        const { gasLimit, gasFeeCap } = filled.transaction;
        checkFeeCap((gas === 0n ? gasLimit : gas) * (gasPrice === 0n ? gasFeeCap : gasPrice), feeCap);
        if (await findPending(dependencies, filled) === undefined) {
          throw serverError(`transaction ${transactionHash(filled.transaction)} not found`);
        }
        return await send(dependencies, { request: replacing(request, { gasPrice, gas }), signal });
      },
    }),
  };
}

/** Puts a gas price in the place of the caps, because a request cannot have both. */
function replacing(
  request: TransactionRequest,
  { gasPrice, gas }: { readonly gasPrice: bigint; readonly gas: bigint },
): TransactionRequest {
  const { maxFeePerGas: _cap, maxPriorityFeePerGas: _tip, ...rest } = request;
  const priced = gasPrice === 0n ? request : { ...rest, gasPrice };
  return gas === 0n ? priced : { ...priced, gas };
}
