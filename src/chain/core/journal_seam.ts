import type { BlockRecord, ExecutedBlock, RecentBlocks } from "../store/block_record.ts";
import type { BlockReads, BlockStore } from "../store/block_store.ts";
import type { StateDisk } from "../store/state_store.ts";
import type { Pool, PoolReads } from "../pool/pool.ts";
import type { PoolEntry } from "../pool/pool_entry.ts";
import type { Header } from "../../primitives/header.ts";
import type { Rules } from "../../evm/forks.ts";
import type { Change } from "./commit.ts";
import type { Settings } from "./settings.ts";
import type { Snapshot } from "./snapshot.ts";

/** The chain as it is in memory before a commit. */
export interface CoreView {
  readonly blocks: BlockReads;
  readonly pool: PoolReads;
  readonly settings: Settings;
}

/** The step of a commit that keeps it on disk. */
export interface CommitJournal {
  /** Writes all changes of a commit, or none of them: then it throws. Nothing in memory has changed yet. */
  write(changes: readonly Change[], view: CoreView): void;
  /** Notes transactions that left the pool because the new head has made them impossible. */
  settled(entries: readonly PoolEntry[]): void;
  close(): void;
}

/** What the blocks of a chain on disk need to be read. */
export interface DiskParts {
  /** The first block, with which a new chain begins. */
  readonly genesis: ExecutedBlock;
  readonly recent: RecentBlocks;
  /** The settings that follow from the flags. */
  readonly flagSettings: Settings;
  /** How many states --gcmode full keeps; null for all of them. */
  readonly keptStates: number | null;
  rulesOf(header: Header): Rules;
}

/** The parts of a core that a chain on disk is read into. */
export interface CoreStores {
  readonly blocks: BlockStore;
  readonly pool: Pool;
}

/** A chain that was read from disk into the stores, and what else is known of it. */
export interface OpenedJournal {
  readonly journal: CommitJournal;
  /** The settings that were changed at run time. */
  readonly settings: Partial<Settings>;
  readonly importedHead: BlockRecord["number"];
  readonly lastSnapshot: number;
  /** Oldest first. */
  readonly snapshots: readonly Snapshot[];
}

/** A chain on disk. */
export interface CoreDisk extends StateDisk {
  /** Reads the blocks, or begins a new chain. */
  begin(parts: DiskParts): BlockStore;
  /** Reads everything else. */
  open(stores: CoreStores): OpenedJournal;
}
