import { bytesToHex, hexToBytes } from "../../primitives/hex.ts";
import type { StateRoot } from "../store/state_store.ts";
import type { Database, Row, Statement } from "./database.ts";

/** The states after blocks and ranges, by their ids. */
export class StateTable {
  readonly #put: Statement;
  readonly #of: Statement;
  readonly #drop: Statement;
  readonly #dropBetween: Statement;

  constructor(database: Database) {
    this.#put = database.prepare("INSERT OR REPLACE INTO state (segment, root, hash) VALUES (?, ?, ?)");
    this.#of = database.prepare("SELECT root, hash FROM state WHERE segment = ?");
    this.#drop = database.prepare("DELETE FROM state WHERE segment IN (?, ?)");
    this.#dropBetween = database.prepare(
      "DELETE FROM state WHERE segment IN (SELECT id FROM block WHERE abandoned IS NULL AND number BETWEEN ? AND ? " +
        "UNION ALL SELECT -id FROM range WHERE abandoned IS NULL AND last BETWEEN ? AND ?)",
    );
  }

  put(segment: number, { id, stateRoot }: StateRoot): void {
    this.#put.run(segment, id, hexToBytes(stateRoot));
  }

  of(segment: number): StateRoot | undefined {
    const row = this.#of.get(segment);
    return row === undefined ? undefined : rootIn(row);
  }

  /** Drops the state after a segment, also an edited one after its last block. */
  drop(segment: number): void {
    this.#drop.run(segment, -segment);
  }

  /** Drops the states after the canonical blocks of these numbers; ranges of empty blocks keep theirs. */
  dropBetween(first: bigint, last: bigint): void {
    this.#dropBetween.run(first, last, first, last);
  }
}

/** Reads the root in a row of the tables of states and snapshots. */
export function rootIn(row: Row): StateRoot {
  return { id: Number(row["root"]), stateRoot: bytesToHex(row["hash"] as Uint8Array) };
}
