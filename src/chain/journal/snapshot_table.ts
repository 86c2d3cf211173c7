import type { Hash } from "../../eth/types.ts";
import { bytesToHex, hexToBytes } from "../../primitives/hex.ts";
import type { Database, Statement } from "./database.ts";
import type { StateRoot } from "../store/state_store.ts";
import { rootIn } from "./state_table.ts";

/** A snapshot of evm_snapshot on disk. */
export interface StoredSnapshot {
  readonly id: number;
  readonly head: Hash;
  readonly state: StateRoot;
  /** The ids of its waiting transactions. */
  readonly entries: readonly number[];
  /** Its settings, as JSON. */
  readonly settings: string;
  /** Real time, seconds. */
  readonly takenAt: bigint;
}

/** The live snapshots. */
export class SnapshotTable {
  readonly #put: Statement;
  readonly #putEntry: Statement;
  readonly #drop: Statement;
  readonly #dropEntries: Statement;
  readonly #sweep: Statement;
  readonly #all: Statement;
  readonly #entries: Statement;

  constructor(database: Database) {
    this.#put = database.prepare(
      "INSERT INTO snapshot (id, head, root, hash, settings, taken) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#putEntry = database.prepare("INSERT INTO snapshot_entry (snapshot, entry) VALUES (?, ?)");
    this.#drop = database.prepare("DELETE FROM snapshot WHERE id >= ?");
    this.#dropEntries = database.prepare("DELETE FROM snapshot_entry WHERE snapshot >= ?");
    this.#sweep = database.prepare(
      "DELETE FROM entry WHERE place IS NULL AND id NOT IN (SELECT entry FROM snapshot_entry)",
    );
    this.#all = database.prepare("SELECT * FROM snapshot ORDER BY id");
    this.#entries = database.prepare("SELECT entry FROM snapshot_entry WHERE snapshot = ? ORDER BY entry");
  }

  put({ id, head, state, entries, settings, takenAt }: StoredSnapshot): void {
    this.#put.run(id, hexToBytes(head), state.id, hexToBytes(state.stateRoot), settings, takenAt);
    for (const entry of entries) this.#putEntry.run(id, entry);
  }

  /** Drops the snapshots from an id on, and the transactions that nothing else has. */
  dropFrom(id: number): void {
    this.#drop.run(id);
    this.#dropEntries.run(id);
    this.#sweep.run();
  }

  all(): StoredSnapshot[] {
    return this.#all.all().map((row) => ({
      id: Number(row["id"]),
      head: bytesToHex(row["head"] as Uint8Array),
      state: rootIn(row),
      entries: this.#entries.all(Number(row["id"])).map(({ entry }) => Number(entry)),
      settings: String(row["settings"]),
      takenAt: BigInt(Number(row["taken"])),
    }));
  }
}
