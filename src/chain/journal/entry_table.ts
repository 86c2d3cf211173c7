import type { Database, Statement } from "./database.ts";

/** Where a transaction waits. */
export type EntryPlace = "pool" | "delayed";

/** A transaction that waits, in bytes of the pool's own. */
export interface StoredEntry {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** Null when only snapshots have it. */
  readonly place: EntryPlace | null;
}

/** Transactions that wait to be mined, and those that snapshots bring back. */
export class EntryTable {
  readonly #put: Statement;
  readonly #move: Statement;
  readonly #sweep: Statement;
  readonly #all: Statement;
  #last: number;

  constructor(database: Database) {
    this.#put = database.prepare("INSERT OR REPLACE INTO entry (id, bytes, place) VALUES (?, ?, ?)");
    this.#move = database.prepare("UPDATE entry SET place = NULL WHERE id = ?");
    this.#sweep = database.prepare(
      "DELETE FROM entry WHERE id = ? AND place IS NULL AND id NOT IN (SELECT entry FROM snapshot_entry)",
    );
    this.#all = database.prepare("SELECT id, bytes, place FROM entry ORDER BY id");
    this.#last = Number(database.prepare("SELECT coalesce(max(id), 0) AS last FROM entry").get()?.["last"]);
  }

  /** Returns the id of a new transaction. */
  nextId(): number {
    return ++this.#last;
  }

  put({ id, bytes, place }: StoredEntry): void {
    this.#put.run(id, bytes, place);
  }

  /** Takes a transaction out of its place; it stays while a snapshot has it. */
  remove(id: number): void {
    this.#move.run(id);
    this.#sweep.run(id);
  }

  /** All of them, in the order in which they came. */
  all(): StoredEntry[] {
    return this.#all.all().map((row) => ({
      id: Number(row["id"]),
      bytes: row["bytes"] as Uint8Array,
      place: row["place"] as EntryPlace | null,
    }));
  }
}
