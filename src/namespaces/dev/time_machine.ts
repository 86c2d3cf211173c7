import { data, hexOrDecimal } from "../../eth/input/scalar.ts";
import { wireData, wireQuantity } from "../../eth/output/wire.ts";
import type { DevControl, TimeMachine } from "../../node/mod.ts";
import { limitError } from "../../rpc/error.ts";
import { method, optional, required } from "../../rpc/method.ts";
import { boolean, string } from "../../rpc/schema.ts";
import { count, forking, reorgTransactions } from "./arguments.ts";
import { type DevRow, named, nothing } from "./row.ts";

/** The deepest reorganisation: each block of it is made anew, 2 ms or more, and no other write runs meanwhile. */
const MAX_REORG_BLOCKS = 1024;

/** Makes the rows for snapshots, reorganisations, resets and dumps. */
export function timeMachineRows(dev: TimeMachine & Pick<DevControl, "setRpcUrl">): readonly DevRow[] {
  return [...historyRows(dev), ...stateRows(dev)];
}

function historyRows(dev: TimeMachine & Pick<DevControl, "setRpcUrl">): readonly DevRow[] {
  return [
    named(
      "anvil_snapshot evm_snapshot",
      method({
        summary: "Remembers the whole chain and returns the snapshot's id.",
        params: [],
        result: wireQuantity,
        handler: () => dev.snapshot(),
      }),
    ),
    named(
      "anvil_revert evm_revert",
      method({
        summary: "Goes back to a snapshot, and forgets it and all later ones; false when there is no such snapshot.",
        params: [required("id", hexOrDecimal)],
        result: boolean,
        handler: ([id]) => dev.revert(`0x${id.toString(16)}`),
      }),
    ),
    named(
      "anvil_reorg",
      method({
        summary: "Replaces the newest blocks by as many new ones with the given transactions.",
        params: [
          required("depth", count),
          optional("transactions", reorgTransactions, "Pairs of a transaction and its block's offset, 0 the lowest."),
        ],
        result: nothing,
        async handler([depth, transactions = []]) {
          if (depth > MAX_REORG_BLOCKS) {
            throw limitError(`reorg too deep: want at most ${MAX_REORG_BLOCKS} blocks`, MAX_REORG_BLOCKS, depth);
          }
          await dev.reorg(depth, transactions);
          return null;
        },
      }),
    ),
    named(
      "anvil_rollback",
      method({
        summary: "Takes the newest blocks off, 1 when absent.",
        params: [optional("depth", count)],
        result: nothing,
        async handler([depth = 1]) {
          await dev.rollback(depth);
          return null;
        },
      }),
    ),
    named(
      "anvil_reset hardhat_reset",
      method({
        summary:
          "Starts again: with forking from a block of the upstream, the newest if none is given; else from genesis.",
        params: [optional("forking", forking)],
        result: nothing,
        async handler([fork]) {
          await dev.reset(fork === undefined ? undefined : { url: fork.jsonRpcUrl, blockNumber: fork.blockNumber });
          return null;
        },
      }),
    ),
    named(
      "anvil_setRpcUrl hardhat_setRpcUrl",
      method({
        summary: "Reads the forked chain from another upstream from now on; the local blocks stay.",
        params: [required("url", string)],
        result: nothing,
        async handler([url]) {
          await dev.setRpcUrl(url);
          return null;
        },
      }),
    ),
  ];
}

function stateRows(dev: TimeMachine): readonly DevRow[] {
  return [
    named(
      "anvil_dumpState hardhat_dumpState",
      method({
        summary: "Returns the chain with the state of its head, gzipped JSON that anvil loads too.",
        params: [optional("history", boolean, "With the state of each earlier block as well.")],
        result: wireData,
        handler: ([history = false]) => dev.dumpState(history),
      }),
    ),
    named(
      "anvil_loadState hardhat_loadState",
      method({
        summary:
          "Loads a dump: blocks and state if it continues this chain, else its accounts over the head's; answers true.",
        params: [required("state", data)],
        result: boolean,
        handler: ([state]) => dev.loadState(state),
      }),
    ),
  ];
}
