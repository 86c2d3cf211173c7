import type { Data, Quantity } from "../../../eth/types.ts";
import type { ReorgTransaction, TimeMachine } from "../../../node/dev.ts";
import { invalidParams } from "../../../rpc/error.ts";
import type { BlockRecord, ExecutedBlock } from "../../store/block_record.ts";
import type { IncludedTransaction } from "../../store/block.ts";
import { buildBlock, listSource, planBlock } from "../../seal/builder.ts";
import type { Change } from "../../core/commit.ts";
import type { ChainCore } from "../../core/core.ts";
import type { Sealer } from "../../seal/sealer.ts";
import type { Settings } from "../../core/settings.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { dumpState } from "./dump.ts";
import { loadState } from "./load.ts";
import type { ReorgTransactions } from "./reorg_transactions.ts";
import { quantity } from "../../../primitives/hex.ts";

/** "reorg" in ASCII, before a count: new blocks with the contents of the old ones must have other hashes. */
const REORG_EXTRA_DATA: Data = "0x72656f7267";

/** The live snapshots, as hardhat_metadata lists them. */
export interface SnapshotList {
  /** The oldest first. */
  snapshots(): readonly { readonly id: Quantity; readonly head: BlockRecord }[];
}

/** Makes snapshots, reverts, reorganisations, resets, dumps and loads, all under the write mutex. */
export function timeMachine(
  core: ChainCore,
  { sealer, transactions: requests, onReset }: {
    readonly sealer: Sealer;
    readonly transactions: ReorgTransactions;
    /** Called when the chain has started over. */
    readonly onReset: () => void;
  },
): TimeMachine & SnapshotList {
  function take(id: number): Snapshot {
    const { settings, pool } = core;
    const { record, world } = core.head();
    const { coinbase, nextBaseFee, nextPrevRandao, nextTimestamp, timeOffset } = settings;
    return {
      id,
      head: record,
      world,
      pool: pool.content(),
      settings: { coinbase, nextBaseFee, nextPrevRandao, nextTimestamp, timeOffset },
      takenAt: core.now(),
    };
  }

  /** Returns the settings of a snapshot, with the clock at the time at which the snapshot was taken. */
  function sinceThen({ settings, takenAt }: Snapshot): Partial<Settings> {
    const { timeOffset = 0n } = settings;
    return { ...settings, timeOffset: timeOffset - (core.now() - takenAt) };
  }

  /** Goes back to a snapshot, and forgets those from an id on. */
  function restore(
    snapshot: Pick<Snapshot, "head" | "world" | "pool">,
    { patch, from }: { readonly patch: Partial<Settings>; readonly from: number },
  ): void {
    // Blocks that were reorganised away since the snapshot come back: from the common ancestor up.
    const missing: Change[] = [];
    let ancestor: BlockRecord | null = snapshot.head;
    while (ancestor !== null && !core.blocks.isCanonical(ancestor)) {
      const range = core.blocks.rangeOf(ancestor.hash);
      if (range === null) {
        missing.unshift({ kind: "append", block: { record: ancestor, world: core.stateAfter(ancestor) } });
        ancestor = core.blocks.parentOf(ancestor);
      } else {
        missing.unshift({ kind: "reserve", range: range.upTo(ancestor.number) });
        ancestor = core.blocks.parentOf(range.at(range.first));
      }
    }
    if (ancestor === null) throw invalidParams("the snapshot's block is not kept any more");
    core.commit(
      { kind: "unwind", to: ancestor },
      ...missing,
      { kind: "edit", world: snapshot.world },
      { kind: "settings", patch },
      { kind: "pool", change: { dropped: core.pool.content().map(({ hash }) => hash), added: snapshot.pool } },
      { kind: "forget", from },
    );
  }

  async function replacement(
    parent: ExecutedBlock,
    options: {
      readonly unpublished: readonly BlockRecord[];
      readonly transactions: readonly ReorgTransaction[];
      readonly reorgs: number;
    },
  ): Promise<ExecutedBlock> {
    const before: IncludedTransaction[] = [];
    for (const { transaction } of options.transactions) {
      before.push(await requests.read(transaction, { parent, before }));
    }
    // The new block has the time of the replaced one, so that the new chain takes as long as the old one.
    const old = core.blocks.at(parent.record.number + 1n)?.header.timestamp ?? 0n;
    const earliest = parent.record.header.timestamp + 1n;
    const plan = planBlock(core, parent, {
      timestamp: old > earliest ? old : earliest,
      extraData: `${REORG_EXTRA_DATA}${options.reorgs.toString(16).padStart(8, "0")}`,
      unpublished: options.unpublished,
    });
    return await buildBlock(core, plan, () => listSource(before));
  }

  /** Returns the block that is the head after `depth` blocks have been removed. */
  function below(depth: number, act: string): ExecutedBlock {
    const { head, genesis } = core.blocks;
    const height = Number(head.number - genesis.number);
    const ancestor = depth > height ? null : core.blocks.at(head.number - BigInt(depth));
    if (ancestor === null) {
      throw invalidParams(
        `${act} depth must not exceed current chain height: current height ${height}, depth ${depth}`,
      );
    }
    return { record: ancestor, world: core.worldOf(ancestor) };
  }

  return {
    /** Returns the live snapshots, oldest first. */
    snapshots(): readonly { readonly id: Quantity; readonly head: BlockRecord }[] {
      return [...core.snapshots.values()].map(({ id, head }) => ({ id: quantity(id), head }));
    },

    snapshot(): Promise<Quantity> {
      return core.writes.run(() => {
        const snapshot = take(core.lastSnapshot + 1);
        core.commit({ kind: "snapshot", snapshot });
        return quantity(snapshot.id);
      });
    },

    async revert(id: Quantity): Promise<boolean> {
      const reverted = await core.writes.run(() => {
        const snapshot = core.snapshots.get(Number(id));
        if (snapshot === undefined) return false;
        restore(snapshot, { patch: sinceThen(snapshot), from: snapshot.id });
        return true;
      });
      if (reverted) await sealer.poolChanged();
      return reverted;
    },

    async rollback(depth: number): Promise<void> {
      await core.writes.run(() => {
        core.commit({ kind: "unwind", to: below(depth, "Rollback").record });
      });
      await sealer.poolChanged();
    },

    async reorg(depth: number, transactions: readonly ReorgTransaction[]): Promise<void> {
      if (transactions.some(({ offset }) => offset >= depth)) {
        throw invalidParams(`a transaction's block offset must be below the depth ${depth}`);
      }
      await core.writes.run(async () => {
        const ancestor = below(depth, "Reorg");
        const reorgs = core.settings.reorgs + 1;
        // All new blocks are made before the first old one is removed, so no reader sees the chain without its upper part.
        const fresh: ExecutedBlock[] = [];
        for (let offset = 0; offset < depth; offset++) {
          fresh.push(
            await replacement(fresh.at(-1) ?? ancestor, {
              unpublished: fresh.map(({ record }) => record),
              transactions: transactions.filter((item) => item.offset === offset),
              reorgs,
            }),
          );
        }
        const appended = fresh.map((block): Change => ({ kind: "append", block }));
        core.commit({ kind: "unwind", to: ancestor.record }, ...appended, { kind: "settings", patch: { reorgs } });
      });
      await sealer.poolChanged();
    },

    reset(): Promise<void> {
      return core.writes.run(() => {
        const { sealing, reorgs } = core.settings;
        const patch = { ...core.flagSettings, sealing, reorgs };
        restore({ head: core.blocks.genesis, world: core.genesisWorld, pool: [] }, { patch, from: 0 });
        onReset();
      });
    },

    dumpState(history: boolean): Promise<Data> {
      return core.writes.run(() => dumpState(core, history));
    },

    async loadState(state: Data): Promise<boolean> {
      await core.writes.run(() => loadState(core, state));
      await sealer.poolChanged();
      return true;
    },
  } satisfies TimeMachine & SnapshotList;
}
