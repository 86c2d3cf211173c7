import type { Data, Quantity } from "../../../eth/types.ts";
import type { ReorgTransaction, TimeMachine } from "../../../node/dev.ts";
import { invalidParams } from "../../../rpc/error.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import type { IncludedTransaction } from "../../store/block.ts";
import { buildBlock, listSource, planBlock } from "../../seal/builder.ts";
import { type ChainCore, worldOf } from "../../core/core.ts";
import type { ForkSchedule } from "../../consensus/forks.ts";
import type { Pooled } from "../../pool/pooled.ts";
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
  readonly pool: readonly Pooled[];
  readonly settings: Settings;
  readonly forks: ForkSchedule;
}

/** Going back, sideways and elsewhere. All of it holds the chain's lock. */
export class EmbeddedTimeMachine implements TimeMachine {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;
  readonly #transactions: ReorgTransactions;
  readonly #initial: Snapshot;
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
  }

  #take(): Snapshot {
    const { store, settings, forks, pool } = this.#core;
    return { head: store.head, world: worldOf(store.head), pool: pool.content(), settings, forks };
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
      this.#restore(snapshot);
      return true;
    });
    if (reverted) await this.#sealer.poolChanged();
    return reverted;
  }

  #restore(snapshot: Snapshot): void {
    const core = this.#core;
    // Blocks that were reorganised away since the snapshot come back: from the common ancestor up.
    const missing: BlockRecord[] = [];
    let ancestor: BlockRecord | null = snapshot.head;
    while (ancestor !== null && !core.store.isCanonical(ancestor)) {
      missing.unshift(ancestor);
      ancestor = core.store.parentOf(ancestor);
    }
    if (ancestor === null) throw invalidParams("the snapshot's block is not kept any more");
    // First, because --gcmode full may have dropped it, and the pool looks at it on the way.
    snapshot.head.world = snapshot.world;
    core.unwindTo(ancestor);
    for (const record of missing) core.publish(record);
    core.store.head.world = snapshot.world;
    core.settings = snapshot.settings;
    core.forks = snapshot.forks;
    core.stateVersion++;
    core.pool.restore(snapshot.pool);
    core.announce();
  }

  async rollback(depth: number): Promise<void> {
    await this.#core.writes.run(() => this.#core.unwindTo(this.#below(depth, "Rollback")));
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
      const fresh: BlockRecord[] = [];
      for (let offset = 0; offset < depth; offset++) {
        fresh.push(
          await this.#replacement(fresh.at(-1) ?? ancestor, {
            unpublished: fresh,
            transactions: transactions.filter((item) => item.offset === offset),
          }),
        );
      }
      core.unwindTo(ancestor);
      for (const record of fresh) core.publish(record);
    });
    await this.#sealer.poolChanged();
  }

  async #replacement(
    parent: BlockRecord,
    options: { readonly unpublished: readonly BlockRecord[]; readonly transactions: readonly ReorgTransaction[] },
  ): Promise<BlockRecord> {
    const before: IncludedTransaction[] = [];
    for (const { transaction } of options.transactions) {
      before.push(await this.#transactions.read(transaction, { parent, before }));
    }
    // The replaced block's own time, so that the new chain is as long in time as the old one.
    const old = this.#core.store.at(parent.number + 1n)?.header.timestamp ?? 0n;
    const earliest = parent.header.timestamp + 1n;
    const plan = planBlock(this.#core, parent, {
      timestamp: old > earliest ? old : earliest,
      extraData: `${REORG_EXTRA_DATA}${this.#reorgs.toString(16).padStart(8, "0")}`,
      unpublished: [...options.unpublished],
    });
    return (await buildBlock(this.#core, plan, listSource(before))).record;
  }

  /** The block that is the head once `depth` blocks are off. */
  #below(depth: number, act: string): BlockRecord {
    const { head, genesis } = this.#core.store;
    const height = Number(head.number - genesis.number);
    const ancestor = depth > height ? null : this.#core.store.at(head.number - BigInt(depth));
    if (ancestor === null) {
      throw invalidParams(
        `${act} depth must not exceed current chain height: current height ${height}, depth ${depth}`,
      );
    }
    worldOf(ancestor);
    return ancestor;
  }

  reset(): Promise<void> {
    return this.#core.writes.run(() => {
      this.#snapshots.clear();
      this.#restore({ ...this.#initial, pool: [] });
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
