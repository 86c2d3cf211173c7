import { serverError } from "../../rpc/error.ts";
import { JournalError } from "../journal/journal_error.ts";
import type { Journal } from "../journal/journal.ts";
import type { PoolEntry } from "../pool/pool_entry.ts";
import { encodePoolEntry } from "../pool/pool_entry_codec.ts";
import type { PoolReads } from "../pool/pool.ts";
import { MAX_ABANDONED_BLOCKS } from "../store/block_store.ts";
import { MAX_ABANDONED_RANGES } from "../store/ranges.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { ReservedRange } from "../store/reserved_range.ts";
import type { StateRoot } from "../store/state_store.ts";
import type { Saving } from "../../state/stored/saving.ts";
import type { StoredStates } from "../../state/stored/stored_states.ts";
import type { World } from "../../state/world.ts";
import type { AppendedBlock, Change } from "./commit.ts";
import { encodeSetting, encodeSettings } from "./setting_text.ts";
import type { CommitJournal, CoreView } from "./journal_seam.ts";
import type { Settings } from "./settings.ts";
import type { Snapshot } from "./snapshot.ts";

/** The name of the highest imported block among the settings. */
export const IMPORTED_HEAD = "importedHead";
/** The name of the newest snapshot's id among the settings. */
export const LAST_SNAPSHOT = "lastSnapshot";

/** In place of a block's id: the state of the genesis, which a reset goes back to when that after block 0 was edited. */
const GENESIS_STATE = 0;

/** The newest block of the chain on disk. */
interface StoredHead {
  readonly id: number;
  readonly number: bigint;
  /** A range's last block. */
  readonly isInRange: boolean;
}

/** What the step needs besides the journal. */
export interface JournalStepParts {
  readonly journal: Journal;
  readonly states: StoredStates;
  /** The settings that follow from the flags: only what differs from them is written. */
  readonly flagSettings: Settings;
  /** How many states --gcmode full keeps; null for all of them. */
  readonly keptStates: number | null;
}

/** Writes commits into the journal. It runs before anything in memory changes, so that a failed write changes nothing. */
export class JournalStep implements CommitJournal {
  readonly #journal: Journal;
  readonly #states: StoredStates;
  readonly #flagSettings: Settings;
  readonly #keptStates: number | null;
  readonly #entryIds = new WeakMap<PoolEntry, number>();
  /** The ids of transactions that have left the pool since the last commit. */
  #settled: readonly number[] = [];
  #newest: StoredHead | undefined;
  /** True when more blocks may be abandoned than are kept. */
  #mayEvict = true;

  constructor(parts: JournalStepParts) {
    this.#journal = parts.journal;
    this.#states = parts.states;
    this.#flagSettings = parts.flagSettings;
    this.#keptStates = parts.keptStates;
  }

  /** Notes the id of a transaction that was read from the journal. */
  knows(entry: PoolEntry, id: number): void {
    this.#entryIds.set(entry, id);
  }

  /**
   * Notes transactions that a commit made impossible. They are removed with the next commit: until then, a chain that is
   * read again drops them in the same way.
   */
  settled(entries: readonly PoolEntry[]): void {
    this.#settled = [...this.#settled, ...entries.flatMap((entry) => this.#entryIds.get(entry) ?? [])];
  }

  /** Writes the first block of a new chain. */
  begin({ record, world }: { readonly record: BlockRecord; readonly world: World }): void {
    this.#transaction((saving) => {
      const id = this.#journal.blocks.append(record, this.#journal.nextSegment());
      this.#journal.states.put(id, stateOf(saving, world));
      this.#journal.states.put(GENESIS_STATE, stateOf(saving, world));
    });
  }

  /** Writes all changes of a commit, or none of them: then it throws. */
  write(changes: readonly Change[], view: CoreView): void {
    const isUnwinding = changes.some(({ kind }) => kind === "unwind");
    let head = this.#newest ?? this.#head(view.blocks.head.number);
    this.#transaction((saving) => {
      for (const id of this.#settled) this.#journal.entries.remove(id);
      // Not in a commit that takes blocks off: its events are made of what is read, and it may bring old ones back.
      if (this.#mayEvict && !isUnwinding) this.#evict();
      let { settings } = view;
      for (const change of changes) {
        head = this.#change(change, { head, saving, pool: view.pool });
        if (change.kind !== "settings") continue;
        this.#set(change.patch, settings);
        settings = { ...settings, ...change.patch };
      }
    });
    this.#newest = head;
    this.#settled = [];
    this.#mayEvict = isUnwinding;
    if (this.#keptStates !== null) this.#journal.sweep.committed();
  }

  #evict(): void {
    const { blocks, ranges, states } = this.#journal;
    for (const id of [...blocks.evict(MAX_ABANDONED_BLOCKS), ...ranges.evict(MAX_ABANDONED_RANGES)]) states.drop(id);
  }

  close(): void {
    this.#journal.close();
  }

  #transaction(write: (saving: Saving) => void): void {
    try {
      const saving = this.#states.saving({
        node: (bytes) => this.#journal.packs.add(bytes),
        code: ({ hash, bytes }) => this.#journal.packs.addCode(hash, bytes),
      });
      this.#journal.transaction(() => write(saving));
      saving.done();
    } catch (cause) {
      if (!(cause instanceof JournalError)) throw cause;
      throw serverError(`${cause.message}; the chain is as it was`, { cause });
    }
  }

  #change(
    change: Change,
    { head, saving, pool }: { readonly head: StoredHead; readonly saving: Saving; readonly pool: PoolReads },
  ): StoredHead {
    const { settings, states, snapshots } = this.#journal;
    switch (change.kind) {
      case "append":
        if (change.isImported === true) settings.put(IMPORTED_HEAD, `${change.block.record.number}`);
        return this.#append(change.block, { saving, pool });
      case "reserve":
        return this.#reserve(change.range, head);
      case "unwind":
        return this.#unwind(change.to.number);
      case "edit":
        states.put(head.isInRange ? -head.id : head.id, stateOf(saving, change.world));
        return head;
      case "settings":
        return head;
      case "pool":
        for (const hash of change.change.dropped ?? []) this.#remove(pool.get(hash));
        for (const entry of change.change.released ?? []) this.#remove(entry);
        for (const entry of change.change.added ?? []) this.#put(entry, "pool");
        for (const entry of change.change.delayed ?? []) this.#put(entry, "delayed");
        return head;
      case "snapshot":
        this.#snapshot(change.snapshot, saving);
        return head;
      case "forget":
        snapshots.dropFrom(change.from);
        return head;
    }
  }

  #append(
    { record, world }: AppendedBlock,
    { saving, pool }: { readonly saving: Saving; readonly pool: PoolReads },
  ): StoredHead {
    const { blocks, states } = this.#journal;
    const id = blocks.append(record, this.#journal.nextSegment());
    if (world === undefined) states.drop(id);
    else states.put(id, stateOf(saving, world));
    if (this.#keptStates !== null) this.#dropStates(record.number - BigInt(this.#keptStates), 1n);
    for (const hash of record.hashes) this.#remove(pool.get(hash));
    return { id, number: record.number, isInRange: false };
  }

  #reserve(range: ReservedRange, head: StoredHead): StoredHead {
    const { ranges, states } = this.#journal;
    const id = this.#journal.nextSegment();
    ranges.append(range, id);
    const state = (head.isInRange ? states.of(-head.id) : undefined) ?? states.of(head.id);
    if (state !== undefined) states.put(id, state);
    if (this.#keptStates !== null) {
      const kept = BigInt(this.#keptStates);
      const first = head.number - kept;
      const last = head.number < range.last - kept ? head.number : range.last - kept;
      this.#dropStates(first, last - first + 1n);
    }
    return { id, number: range.last, isInRange: true };
  }

  /** Drops the states after canonical blocks, but not that after the first one, which is always kept. */
  #dropStates(first: bigint, count: bigint): void {
    const { states, blocks } = this.#journal;
    const last = first + count - 1n;
    const lowest = blocks.lowest() + 1n;
    if (last >= lowest) states.dropBetween(first < lowest ? lowest : first, last);
  }

  #unwind(to: bigint): StoredHead {
    const { blocks, ranges, states } = this.#journal;
    // The newest leaves first, as in memory: blocks and ranges in one order.
    const above = [
      ...blocks.above(to).map(({ id, number }) => ({
        number,
        leave: () => blocks.abandon(id, this.#journal.nextAbandoned()),
      })),
      ...ranges.above(to).map((range) => ({
        number: Number(range.header.number),
        leave: () => {
          ranges.abandon(range.id, this.#journal.nextAbandoned());
          if (range.header.number > to) return;
          const id = this.#journal.nextSegment();
          ranges.appendCut(range, { id, last: to });
          const state = states.of(range.id);
          if (state !== undefined) states.put(id, state);
        },
      })),
    ].sort((one, other) => other.number - one.number);
    for (const { leave } of above) leave();
    return this.#head(to);
  }

  #head(number: bigint): StoredHead {
    const { blocks, ranges } = this.#journal;
    const block = blocks.canonicalId(number);
    const id = block ?? ranges.at(number);
    if (id === undefined) throw new JournalError(`block ${number} is not on disk`);
    return { id, number, isInRange: block === undefined };
  }

  #set(patch: Partial<Settings>, now: Settings): void {
    for (const name of Object.keys(patch) as (keyof Settings)[]) {
      const value = patch[name];
      if (value === undefined || value === now[name]) continue;
      const text = encodeSetting(value);
      this.#journal.settings.put(name, text === encodeSetting(this.#flagSettings[name]) ? undefined : text);
    }
  }

  #put(entry: PoolEntry, place: "pool" | "delayed" | null): void {
    this.#journal.entries.put({ id: this.#idOf(entry), bytes: encodePoolEntry(entry), place });
  }

  #remove(entry: PoolEntry | null): void {
    const id = entry === null ? undefined : this.#entryIds.get(entry);
    if (id !== undefined) this.#journal.entries.remove(id);
  }

  #idOf(entry: PoolEntry): number {
    let id = this.#entryIds.get(entry);
    if (id === undefined) this.#entryIds.set(entry, id = this.#journal.entries.nextId());
    return id;
  }

  #snapshot({ id, head, world, pool, settings, takenAt }: Snapshot, saving: Saving): void {
    this.#journal.settings.put(LAST_SNAPSHOT, `${id}`);
    this.#journal.snapshots.put({
      ...{ id, head: head.hash, takenAt },
      state: stateOf(saving, world),
      entries: pool.map((entry) => this.#idOf(entry)),
      settings: encodeSettings(settings),
    });
  }
}

function stateOf(saving: Saving, world: World): StateRoot {
  return { id: saving.world(world), stateRoot: world.root() };
}
