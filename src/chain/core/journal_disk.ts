import type { Hash } from "../../eth/types.ts";
import type { Database } from "../journal/database.ts";
import { type ChainIdentity, Journal } from "../journal/journal.ts";
import { readable } from "../journal/journal_error.ts";
import type { StoredRange } from "../journal/range_table.ts";
import type { Pool } from "../pool/pool.ts";
import type { PoolEntry } from "../pool/pool_entry.ts";
import { decodePoolEntry } from "../pool/pool_entry_codec.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { BlockStore } from "../store/block_store.ts";
import { prefixOf, ReservedRange } from "../store/reserved_range.ts";
import type { StateRoot } from "../store/state_store.ts";
import { StoredBlockStore } from "../store/stored_block_store.ts";
import { StoredStates } from "../../state/stored/stored_states.ts";
import type { CoreDisk, CoreStores, DiskParts, OpenedJournal } from "./journal_seam.ts";
import { IMPORTED_HEAD, JournalStep, LAST_SNAPSHOT } from "./journal_step.ts";
import { decodeSetting, decodeSettings } from "./setting_text.ts";
import { headerHash } from "../../primitives/header.ts";
import { ZERO_ADDRESS } from "../../primitives/hex.ts";
import type { Settings } from "./settings.ts";
import type { Snapshot } from "./snapshot.ts";

/** What nodes of stored states may take in memory, unless it is said otherwise. */
const DEFAULT_CACHE_BYTES = 16 * 2 ** 20;
/** The part of it for nodes that are not decoded, among others that were written with them. */
const PACKS_SHARE = 1 / 5;

/** A chain in a file. */
export class JournalDisk implements CoreDisk {
  readonly states: StoredStates;
  readonly #journal: Journal;
  #step: JournalStep | null = null;

  /** Throws JournalError when the file has another chain. */
  constructor(
    database: Database,
    { identity, cacheBytes = DEFAULT_CACHE_BYTES }: {
      readonly identity: ChainIdentity;
      /** What nodes of states may take in memory. */
      readonly cacheBytes?: number | undefined;
    },
  ) {
    const packBytes = cacheBytes * PACKS_SHARE;
    this.#journal = readable(database.path, () => new Journal(database, identity, packBytes));
    this.states = new StoredStates(this.#journal.packs, { maxBytes: cacheBytes - packBytes });
  }

  rootAt(hash: Hash): StateRoot | undefined {
    const { blocks, ranges } = this.#journal;
    const block = blocks.idOf(hash);
    if (block !== undefined) return this.#rootOf([block]);
    // The state after the last block of a range may have been edited.
    const prefix = prefixOf(hash);
    return this.#rootOf(ranges.withPrefix(prefix, BigInt(`0x${hash.slice(prefix.length)}`)).map((id) => -id));
  }

  rootOfRange(prefix: string): StateRoot | undefined {
    return this.#rootOf(this.#journal.ranges.withPrefix(prefix));
  }

  #rootOf(segments: readonly number[]): StateRoot | undefined {
    for (const segment of segments) {
      const state = this.#journal.states.of(segment);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  begin(parts: DiskParts): BlockStore {
    return this.#journal.reading(() => this.#begin(parts));
  }

  open(stores: CoreStores): OpenedJournal {
    return this.#journal.reading(() => {
      this.#checkHead(stores.blocks.head);
      return this.#open(stores);
    });
  }

  #checkHead({ number, header, hash }: BlockRecord): void {
    // Blocks of a range have hashes that were assigned.
    if (this.#journal.blocks.idOf(hash) !== undefined && headerHash(header) !== hash) {
      throw new Error(`block ${number} is not the one that was written`);
    }
    const root = this.rootAt(hash) ?? this.rootOfRange(prefixOf(hash));
    if (root === undefined) throw new Error(`the state after block ${number} is missing`);
    // This reads the root node, and so checks it.
    this.states.world(root.id, root.stateRoot).account(ZERO_ADDRESS);
  }

  #begin({ genesis, recent, flagSettings, keptStates, rulesOf }: DiskParts): BlockStore {
    const journal = this.#journal;
    this.#step = new JournalStep({ journal, states: this.states, flagSettings, keptStates });
    if (journal.blocks.isEmpty) this.#step.begin(genesis);
    const rangeOf = (range: StoredRange) => new ReservedRange({ ...range, rules: rulesOf(range.header) }, recent);
    return new StoredBlockStore(journal.source, {
      recent,
      ranges: journal.ranges.canonical().map(rangeOf),
      abandoned: journal.ranges.abandoned().map(rangeOf),
    });
  }

  #open({ blocks, pool }: CoreStores): OpenedJournal {
    const journal = this.#journal;
    const step = this.#step;
    if (step === null) throw new Error("the chain on disk has not begun");
    const entries = readEntries(journal, { step, pool });
    const settings = journal.settings.all();
    const changed = [...settings].filter(([name]) => name !== IMPORTED_HEAD && name !== LAST_SNAPSHOT);
    return {
      journal: step,
      settings: Object.fromEntries(changed.map(([name, text]) => [name, decodeSetting(text)])) as Partial<Settings>,
      importedHead: BigInt(settings.get(IMPORTED_HEAD) ?? 0),
      lastSnapshot: Number(settings.get(LAST_SNAPSHOT) ?? 0),
      snapshots: readSnapshots(journal, { states: this.states, blocks, entries }),
    };
  }
}

/** Puts the waiting transactions into the pool; returns all that are known, by id. */
function readEntries(
  journal: Journal,
  { step, pool }: { readonly step: JournalStep; readonly pool: Pool },
): ReadonlyMap<number, PoolEntry> {
  const entries = new Map<number, PoolEntry>();
  for (const { id, bytes, place } of journal.entries.all()) {
    const entry = decodePoolEntry(bytes);
    entries.set(id, entry);
    step.knows(entry, id);
    if (place !== null) pool.apply(place === "pool" ? { added: [entry] } : { delayed: [entry] });
  }
  return entries;
}

function readSnapshots(
  journal: Journal,
  { states, blocks, entries }: {
    readonly states: StoredStates;
    readonly blocks: BlockStore;
    readonly entries: ReadonlyMap<number, PoolEntry>;
  },
): Snapshot[] {
  return journal.snapshots.all().map(({ id, head: hash, state, entries: ids, settings, takenAt }) => {
    const head = blocks.of(hash);
    if (head === null) {
      throw new Error(`block ${hash} of snapshot ${id} is missing`);
    }
    return {
      id,
      head,
      world: states.world(state.id, state.stateRoot),
      pool: ids.flatMap((entry) => entries.get(entry) ?? []),
      settings: decodeSettings(settings),
      takenAt,
    };
  });
}
