import type { Data, Quantity } from "../../../eth/types.ts";
import type { ReorgTransaction, TimeMachine } from "../../../node/dev.ts";
import { invalidParams } from "../../../rpc/error.ts";
import type { BlockRecord, ExecutedBlock } from "../../store/block_record.ts";
import type { IncludedTransaction } from "../../store/block.ts";
import { buildBlock, listSource, planBlock } from "../../seal/builder.ts";
import type { Change } from "../../core/commit.ts";
import type { ChainCore } from "../../core/core.ts";
import type { PoolEntry } from "../../pool/pool_entry.ts";
import type { Sealer } from "../../seal/sealer.ts";
import type { Settings } from "../../core/settings.ts";
import type { World } from "../../../state/world.ts";
import { dumpState } from "./dump.ts";
import { loadState } from "./load.ts";
import type { ReorgTransactions } from "./reorg_transactions.ts";
import { quantity } from "../../../primitives/hex.ts";

/** "reorg" in ASCII; a count follows: two blocks with equal contents must differ, or nothing has been reorganised. */
const REORG_EXTRA_DATA: Data = "0x72656f7267";

interface Snapshot {
  readonly head: BlockRecord;
  readonly world: World;
  readonly pool: readonly PoolEntry[];
  readonly settings: Partial<Settings>;
  /** Real time when it was taken, seconds. */
  readonly takenAt: bigint;
}

/** Snapshots and reverts, reorganisations, resets, dumps and loads. All of it holds the write mutex. */
export class EmbeddedTimeMachine implements TimeMachine {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;
  readonly #transactions: ReorgTransactions;
  readonly #initial: Snapshot;
  readonly #initialSettings: Settings;
  readonly #snapshots = new Map<number, Snapshot>();
  #lastSnapshot = 0;
  #reorgs = 0;
  /** Told when the chain has started over. */
  readonly #onReset: () => void;

  constructor(
    core: ChainCore,
    parts: { readonly sealer: Sealer; readonly transactions: ReorgTransactions; readonly onReset: () => void },
  ) {
    this.#core = core;
    this.#sealer = parts.sealer;
    this.#transactions = parts.transactions;
    this.#onReset = parts.onReset;
    this.#initial = this.#take();
    this.#initialSettings = core.settings;
  }

  #take(): Snapshot {
    const { settings, pool } = this.#core;
    const { record, world } = this.#core.head();
    const { coinbase, nextBaseFee, nextPrevRandao, nextTimestamp, timeOffset } = settings;
    return {
      head: record,
      world,
      pool: pool.content(),
      settings: { coinbase, nextBaseFee, nextPrevRandao, nextTimestamp, timeOffset },
      takenAt: this.#core.now(),
    };
  }

  /** The live snapshots, oldest first. */
  snapshots(): readonly { readonly id: Quantity; readonly head: BlockRecord }[] {
    return [...this.#snapshots].map(([id, { head }]) => ({ id: quantity(id), head }));
  }

  snapshot(): Promise<Quantity> {
    return this.#core.writes.run(() => {
      this.#snapshots.set(++this.#lastSnapshot, this.#take());
      return quantity(this.#lastSnapshot);
    });
  }

  async revert(id: Quantity): Promise<boolean> {
    const reverted = await this.#core.writes.run(() => {
      const number = Number(id);
      const snapshot = this.#snapshots.get(number);
      if (snapshot === undefined) return false;
      for (const later of [...this.#snapshots.keys()]) if (later >= number) this.#snapshots.delete(later);
      this.#restore(snapshot, this.#sinceThen(snapshot));
      return true;
    });
    if (reverted) await this.#sealer.poolChanged();
    return reverted;
  }

  /** The settings of a snapshot, the clock turned back to what it showed when the snapshot was taken. */
  #sinceThen({ settings, takenAt }: Snapshot): Partial<Settings> {
    const { timeOffset = 0n } = settings;
    return { ...settings, timeOffset: timeOffset - (this.#core.now() - takenAt) };
  }

  #restore(snapshot: Snapshot, patch: Partial<Settings>): void {
    const core = this.#core;
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
    );
  }

  async rollback(depth: number): Promise<void> {
    await this.#core.writes.run(() => {
      this.#core.commit({ kind: "unwind", to: this.#below(depth, "Rollback").record });
    });
    await this.#sealer.poolChanged();
  }

  async reorg(depth: number, transactions: readonly ReorgTransaction[]): Promise<void> {
    if (transactions.some(({ offset }) => offset >= depth)) {
      throw invalidParams(`a transaction's block offset must be below the depth ${depth}`);
    }
    const core = this.#core;
    await core.writes.run(async () => {
      const ancestor = this.#below(depth, "Reorg");
      this.#reorgs++;
      // All new blocks are made before the first old one goes: nobody sees the chain without its upper part.
      const fresh: ExecutedBlock[] = [];
      for (let offset = 0; offset < depth; offset++) {
        fresh.push(
          await this.#replacement(fresh.at(-1) ?? ancestor, {
            unpublished: fresh.map(({ record }) => record),
            transactions: transactions.filter((item) => item.offset === offset),
          }),
        );
      }
      const appended = fresh.map((block): Change => ({ kind: "append", block }));
      core.commit({ kind: "unwind", to: ancestor.record }, ...appended);
    });
    await this.#sealer.poolChanged();
  }

  async #replacement(
    parent: ExecutedBlock,
    options: { readonly unpublished: readonly BlockRecord[]; readonly transactions: readonly ReorgTransaction[] },
  ): Promise<ExecutedBlock> {
    const before: IncludedTransaction[] = [];
    for (const { transaction } of options.transactions) {
      before.push(await this.#transactions.read(transaction, { parent, before }));
    }
    // The replaced block's own time, so that the new chain is as long in time as the old one.
    const old = this.#core.blocks.at(parent.record.number + 1n)?.header.timestamp ?? 0n;
    const earliest = parent.record.header.timestamp + 1n;
    const plan = planBlock(this.#core, parent, {
      timestamp: old > earliest ? old : earliest,
      extraData: `${REORG_EXTRA_DATA}${this.#reorgs.toString(16).padStart(8, "0")}`,
      unpublished: options.unpublished,
    });
    return await buildBlock(this.#core, plan, listSource(before));
  }

  /** The block that is the head once `depth` blocks are off. */
  #below(depth: number, act: string): ExecutedBlock {
    const { head, genesis } = this.#core.blocks;
    const height = Number(head.number - genesis.number);
    const ancestor = depth > height ? null : this.#core.blocks.at(head.number - BigInt(depth));
    if (ancestor === null) {
      throw invalidParams(
        `${act} depth must not exceed current chain height: current height ${height}, depth ${depth}`,
      );
    }
    return { record: ancestor, world: this.#core.worldOf(ancestor) };
  }

  reset(): Promise<void> {
    return this.#core.writes.run(() => {
      this.#snapshots.clear();
      this.#restore({ ...this.#initial, pool: [] }, this.#initialSettings);
      this.#onReset();
    });
  }

  dumpState(history: boolean): Promise<Data> {
    return this.#core.writes.run(() => dumpState(this.#core, history));
  }

  async loadState(state: Data): Promise<boolean> {
    await this.#core.writes.run(() => loadState(this.#core, state));
    await this.#sealer.poolChanged();
    return true;
  }
}
