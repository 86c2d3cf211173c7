import type { Hash } from "../../eth/types.ts";
import { BlockReader } from "./block_reads.ts";
import { BlockTable } from "./block_table.ts";
import type { Database } from "./database.ts";
import { EntryTable } from "./entry_table.ts";
import { IndexTable } from "./index_table.ts";
import { isSqliteError, JournalError, readable } from "./journal_error.ts";
import { PACK_CACHE_BYTES, Packs } from "./packs.ts";
import { RangeTable } from "./range_table.ts";
import { SettingsTable } from "./settings_table.ts";
import { SnapshotTable } from "./snapshot_table.ts";
import { StateTable } from "./state_table.ts";
import { Sweep } from "./sweep.ts";

/** The chain that a folder must hold, by the flags. */
export interface ChainIdentity {
  readonly genesis: Hash;
  readonly chainId: bigint;
}

/** The chain on disk: its tables, and transactions over them. It knows nothing of what a change of the chain means. */
export class Journal {
  readonly blocks: BlockTable;
  /** The blocks as others read them. */
  readonly source: BlockReader;
  readonly ranges: RangeTable;
  readonly states: StateTable;
  readonly packs: Packs;
  readonly settings: SettingsTable;
  readonly entries: EntryTable;
  readonly snapshots: SnapshotTable;
  /** Removes nodes that no kept state needs. */
  readonly sweep: Sweep;
  readonly #database: Database;
  #lastSegment: number;
  #lastAbandoned: number;

  /** Keeps `packBytes` of packs in memory. Throws {@link JournalError} when the folder holds another chain. */
  constructor(database: Database, identity: ChainIdentity, packBytes = PACK_CACHE_BYTES) {
    this.#database = database;
    checkIdentity(database, identity);
    this.blocks = new BlockTable(database);
    this.source = new BlockReader(database, new IndexTable(database));
    this.ranges = new RangeTable(database);
    this.states = new StateTable(database);
    this.packs = new Packs(database, packBytes);
    this.settings = new SettingsTable(database);
    this.entries = new EntryTable(database);
    this.snapshots = new SnapshotTable(database);
    this.sweep = new Sweep(database, this.packs);
    // By the index: most blocks are not abandoned, and a scan reads all of the file.
    const highest = (column: string, table: string) =>
      `(SELECT coalesce(max(${column}), 0) FROM ${table} WHERE ${column} IS NOT NULL)`;
    const both = (column: string) =>
      Number(
        database.prepare(`SELECT max(${highest(column, "block")}, ${highest(column, "range")}) AS n`).get()?.["n"],
      );
    this.#lastSegment = both("id");
    this.#lastAbandoned = both("abandoned");
  }

  /** Returns the id of a new block or range. */
  nextSegment(): number {
    return ++this.#lastSegment;
  }

  /** Returns the place of the next block or range that leaves the chain, counted over all that ever left. */
  nextAbandoned(): number {
    return ++this.#lastAbandoned;
  }

  /** Runs `write` as one transaction; throws {@link JournalError}, and then nothing is changed. */
  transaction<T>(write: () => T): T {
    try {
      return this.#database.transaction(() => {
        const result = write();
        this.packs.flush();
        return result;
      });
    } catch (cause) {
      this.packs.discard();
      if (cause instanceof JournalError || !isSqliteError(cause)) throw cause;
      throw new JournalError(`${JSON.stringify(this.#database.path)} cannot be written: ${cause.message}`, { cause });
    }
  }

  /** Reads what the chain begins with; throws {@link JournalError} where it cannot be read. */
  reading<T>(read: () => T): T {
    return readable(this.#database.path, read);
  }

  close(): void {
    this.sweep.close();
    this.#database.close();
  }
}

/** Notes the chain in a new file, and compares it with that of an old one. */
function checkIdentity(database: Database, { genesis, chainId }: ChainIdentity): void {
  const known = new Map(
    database.prepare("SELECT key, value FROM meta").all().map((row) => [String(row["key"]), String(row["value"])]),
  );
  const wanted = { genesis, chainId: chainId.toString() };
  if (!known.has("genesis")) {
    const put = database.prepare("INSERT INTO meta (key, value) VALUES (?, ?)");
    database.transaction(() => {
      for (const [key, value] of Object.entries(wanted)) put.run(key, value);
    });
    return;
  }
  const found = { genesis: known.get("genesis"), chainId: known.get("chainId") };
  if (found.genesis === wanted.genesis && found.chainId === wanted.chainId) return;
  const described = (chain: { genesis: string | undefined; chainId: string | undefined }) =>
    `genesis ${chain.genesis} and chain id ${chain.chainId}`;
  throw new JournalError(
    `${JSON.stringify(database.path)} holds the chain of ${described(found)}, but the flags describe ${
      described(wanted)
    }: ` +
      "start with the flags that the chain was made with, or name another folder",
  );
}
