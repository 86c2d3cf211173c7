import { data, ETH_CODE, type Hash, jsonUint64, wireHash, wireReceipt } from "../../eth/mod.ts";
import type { Node } from "../../node/mod.ts";
import { RpcError } from "../../rpc/error.ts";
import { type Method, method, optional, required } from "../../rpc/method.ts";
import { formatGoDuration } from "../../text/go_duration.ts";
import { checkFeeCap } from "../fee_cap.ts";
import { waitForReceipt } from "./wait_for_receipt.ts";
import type { Data } from "../../primitives/types.ts";

/** geth's --rpc.txsync.defaulttimeout. */
const DEFAULT_SYNC_TIMEOUT_MS = 20_000;
/** geth's --rpc.txsync.maxtimeout; a longer timeout is cut to it. */
const MAX_SYNC_TIMEOUT_MS = 60_000;

const raw = required("transaction", data, "A signed transaction in its consensus or network encoding.");

function notMined(hash: Hash, timeoutMs: number): RpcError {
  return new RpcError(
    ETH_CODE.notMinedInTime,
    `The transaction was added to the transaction pool but wasn't processed in ${formatGoDuration(timeoutMs)}`,
    { data: hash },
  );
}

export interface EthSubmitDeps {
  readonly node: Pick<Node, "blocks" | "events" | "submit">;
  readonly policy: { readonly feeCap: bigint };
  /** {@link waitForReceipt} when absent. */
  readonly wait?: typeof waitForReceipt;
}

/** Makes the rows that send signed transactions (execution-apis, eth/submit; EIP-7966). */
export function ethSubmitRows(
  { node, policy: { feeCap }, wait = waitForReceipt }: EthSubmitDeps,
): { readonly [name: string]: Method } {
  const sendRaw = (bytes: Data, signal: AbortSignal) =>
    node.submit.sendRaw(bytes, { checkFee: (fee) => checkFeeCap(fee, feeCap), signal });
  return {
    eth_sendRawTransaction: method({
      summary: "Takes a signed transaction into the pool and returns its hash.",
      params: [raw],
      result: wireHash,
      handler: ([bytes], { signal }) => sendRaw(bytes, signal),
    }),
    eth_sendRawTransactionSync: method({
      summary: "Takes a signed transaction into the pool and returns its receipt once mined (EIP-7966).",
      params: [raw, optional("timeout", jsonUint64, "Milliseconds to wait; 20,000 when absent, 60,000 at most.")],
      result: wireReceipt,
      async handler([bytes, wish = 0], { signal }) {
        const timeoutMs = wish === 0 ? DEFAULT_SYNC_TIMEOUT_MS : Math.min(wish, MAX_SYNC_TIMEOUT_MS);
        const hash = await sendRaw(bytes, signal);
        const receipt = await wait(node, { hash, timeoutMs, signal });
        if (receipt === null) throw notMined(hash, timeoutMs);
        return receipt;
      },
    }),
  };
}
