import type { Quantity } from "../../eth/types.ts";
import type { Data } from "../../eth/types.ts";
import type { ReorgTransaction, TimeMachine } from "../../node/dev.ts";
import { invalidParams } from "../../rpc/error.ts";
import type { BlockRecord, IncludedTransaction } from "../block_record.ts";
import { type ChainCore, worldOf } from "../core.ts";
import type { ForkSchedule } from "../forks.ts";
import { quantity } from "../hex.ts";
import type { Pooled } from "../pool/pooled.ts";
import type { Sealer } from "../sealer.ts";
import type { Settings } from "../settings.ts";
import type { World } from "../state/world.ts";
import { dumpState, loadState } from "./dump.ts";
import type { ReorgTransactions } from "./reorg_transactions.ts";

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
    const removed: BlockRecord[] = [];
    while (core.store.head !== ancestor) removed.push(core.store.removeHead());
    for (const record of missing) core.store.append(record);
    snapshot.head.world = snapshot.world;
    core.settings = snapshot.settings;
    core.forks = snapshot.forks;
    core.stateVersion++;
    core.pool.restore(snapshot.pool);
    for (const record of removed) core.events.removed(record);
    for (const record of missing) core.events.block(record);
    core.announce();
  }

  async rollback(depth: number): Promise<void> {
    await this.#core.writes.run(() => {
      this.#checkDepth(depth);
      this.#unwind(depth);
    });
    await this.#sealer.poolChanged();
  }

  async reorg(depth: number, transactions: readonly ReorgTransaction[]): Promise<void> {
    if (transactions.some(({ offset }) => offset >= depth)) {
      throw invalidParams(`a transaction's block offset must be below the depth ${depth}`);
    }
    await this.#core.writes.run(async () => {
      this.#checkDepth(depth);
      const times: bigint[] = [];
      for (const record of this.#unwind(depth)) times.unshift(record.header.timestamp);
      for (let offset = 0; offset < depth; offset++) {
        const listed: IncludedTransaction[] = [];
        for (const { transaction } of transactions.filter((item) => item.offset === offset)) {
          listed.push(await this.#transactions.read(transaction, listed));
        }
        // The replaced block's own time, so that the new chain is as long in time as the old one.
        const before = this.#core.store.head.header.timestamp;
        const old = times[offset] ?? before + 1n;
        await this.#sealer.sealLocked({
          empty: true,
          timestamp: old > before ? old : before + 1n,
          transactions: listed,
          // Two blocks with equal contents must differ, or nothing would have been reorganised.
          extraData: REORG_EXTRA_DATA,
        });
      }
    });
    await this.#sealer.poolChanged();
  }

  #checkDepth(depth: number): void {
    const { head, genesis } = this.#core.store;
    const height = Number(head.number - genesis.number);
    if (depth > height) {
      throw invalidParams(`Reorg depth must not exceed current chain height: current height ${height}, depth ${depth}`);
    }
    const target = this.#core.store.at(head.number - BigInt(depth));
    if (target !== null) worldOf(target);
  }

  /** Takes blocks off, newest first; their transactions are gone with them, as in anvil. */
  #unwind(depth: number): BlockRecord[] {
    const removed: BlockRecord[] = [];
    for (let count = 0; count < depth; count++) removed.push(this.#core.store.removeHead());
    this.#core.stateVersion++;
    this.#core.pool.settle();
    for (const record of removed) this.#core.events.removed(record);
    return removed;
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

/** "reorg" in ASCII. */
const REORG_EXTRA_DATA: Data = "0x72656f7267";
