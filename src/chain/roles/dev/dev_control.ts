import type { Hash } from "../../../eth/types.ts";
import type { DevControl, DevNodeInfo } from "../../../node/dev.ts";
import { quantity } from "../../../primitives/hex.ts";
import { invalidParams, serverError } from "../../../rpc/error.ts";
import type { ChainCore } from "../../core/core.ts";
import { nextFees } from "../../core/next_fees.ts";
import type { FeeReader } from "../read/fees.ts";
import type { Sealer } from "../../seal/sealer.ts";
import { accountControl } from "./account_control.ts";
import { blockControl } from "./block_control.ts";
import { miningControl } from "./mining_control.ts";
import { ReorgTransactions } from "./reorg_transactions.ts";
import type { EmbeddedSubmitter } from "../submit/submitter.ts";
import { timeMachine } from "./time_machine.ts";

/** How a chain becomes a fork. */
const NO_FORK = "this chain is not a fork of another: start the server with --fork.url, and it can be";

function newInstanceId(): Hash {
  return `0x${crypto.getRandomValues(new Uint8Array(32)).toHex()}`;
}

/** Joins the parts of the control that a test has over the chain. */
export function createDevControl(
  core: ChainCore,
  parts: { readonly sealer: Sealer; readonly fees: FeeReader; readonly submitter: EmbeddedSubmitter },
): DevControl {
  const { sealer, fees, submitter } = parts;
  let instanceId = newInstanceId();
  const { snapshots, ...time } = timeMachine(core, {
    sealer,
    transactions: new ReorgTransactions(core, fees),
    onReset: () => {
      instanceId = newInstanceId();
    },
  });
  return {
    ...miningControl(core, sealer),
    ...blockControl(core),
    ...accountControl(core, { sealer, submitter }),
    ...time,
    async reset(forking) {
      if (forking?.url !== undefined || forking?.blockNumber !== undefined) {
        throw invalidParams(`cannot fork: ${NO_FORK}`);
      }
      await time.reset();
    },
    setRpcUrl: () => Promise.reject(serverError(`there is no upstream URL to change: ${NO_FORK}`)),
    nodeInfo: (): DevNodeInfo => {
      const { head } = core.blocks;
      return {
        currentBlockNumber: quantity(head.number),
        currentBlockHash: head.hash,
        currentBlockTimestamp: quantity(head.header.timestamp),
        hardFork: core.rulesOf(head.header).fork,
        transactionOrder: "fees",
        chainId: quantity(core.forks.config.chainId),
        baseFee: quantity(nextFees(core).baseFee ?? 0n),
        gasLimit: quantity(head.header.gasLimit),
        gasPrice: quantity(fees.gasPrice()),
        instanceId,
        snapshots: snapshots().map(({ id, head: at }) => ({ id, number: quantity(at.number), hash: at.hash })),
        fork: null,
      };
    },
  } satisfies DevControl;
}
