import type { Database, Statement } from "./database.ts";

/** Values by name that were set at run time: what the flags say is not written down. */
export class SettingsTable {
  readonly #put: Statement;
  readonly #drop: Statement;
  readonly #all: Statement;

  constructor(database: Database) {
    this.#put = database.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)");
    this.#drop = database.prepare("DELETE FROM setting WHERE name = ?");
    this.#all = database.prepare("SELECT name, value FROM setting");
  }

  /** Sets a value; undefined goes back to what the flags say. */
  put(name: string, value: string | undefined): void {
    if (value === undefined) this.#drop.run(name);
    else this.#put.run(name, value);
  }

  all(): ReadonlyMap<string, string> {
    return new Map(this.#all.all().map((row) => [String(row["name"]), String(row["value"])]));
  }
}
