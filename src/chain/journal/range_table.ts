import { decodeHeader, encodeHeader, type Header } from "../../primitives/header.ts";
import { decodeRlp } from "../../primitives/rlp.ts";
import type { ReservedRange } from "../store/reserved_range.ts";
import { type Database, digitsIn, type Row, type Statement } from "./database.ts";

/** A range of empty blocks on disk; the rules that it needs follow from its first header. */
export interface StoredRange {
  readonly id: number;
  /** The beginning of the hashes of its blocks. */
  readonly prefix: string;
  readonly header: Header;
  readonly totalDifficulty: bigint;
  readonly count: bigint;
  readonly step: bigint;
  readonly gasCeiling: bigint;
}

/** Ranges of empty blocks, canonical and abandoned ones. */
export class RangeTable {
  readonly #insert: Statement;
  readonly #at: Statement;
  readonly #withPrefix: Statement;
  readonly #above: Statement;
  readonly #abandon: Statement;
  readonly #evict: Statement;
  readonly #canonical: Statement;
  readonly #abandoned: Statement;

  constructor(database: Database) {
    this.#insert = database.prepare(
      "INSERT INTO range (id, prefix, first, last, header, difficulty, step, ceiling) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#at = database.prepare("SELECT * FROM range WHERE first <= ? AND last >= ? AND abandoned IS NULL");
    this.#withPrefix = database.prepare("SELECT id FROM range WHERE prefix = ? AND (? IS NULL OR last = ?)");
    this.#above = database.prepare("SELECT * FROM range WHERE last > ? AND abandoned IS NULL ORDER BY first DESC");
    this.#abandon = database.prepare("UPDATE range SET abandoned = ? WHERE id = ?");
    this.#evict = database.prepare(
      "DELETE FROM range WHERE abandoned <= " +
        "(SELECT abandoned FROM range WHERE abandoned IS NOT NULL ORDER BY abandoned DESC LIMIT 1 OFFSET ?) RETURNING id",
    );
    this.#canonical = database.prepare("SELECT * FROM range WHERE abandoned IS NULL ORDER BY first");
    this.#abandoned = database.prepare("SELECT * FROM range WHERE abandoned IS NOT NULL ORDER BY abandoned");
  }

  append({ prefix, first, last, parts }: ReservedRange, id: number): void {
    const { header, totalDifficulty, step, gasCeiling } = parts;
    const bytes = Uint8Array.fromHex(encodeHeader(header));
    this.#insert.run(id, prefix, first, last, bytes, `${totalDifficulty}`, `${step}`, `${gasCeiling}`);
  }

  /** The id of the canonical range that a number falls into. */
  at(number: bigint): number | undefined {
    const row = this.#at.get(number, number);
    return row === undefined ? undefined : Number(row["id"]);
  }

  /** The ids of the ranges whose hashes begin so, which have one state; those that end at `last` when it is given. */
  withPrefix(prefix: string, last: bigint | null = null): number[] {
    return this.#withPrefix.all(prefix, last, last).map((row) => Number(row["id"]));
  }

  /** The canonical ranges that reach above a number, the newest first. */
  above(number: bigint): StoredRange[] {
    return this.#above.all(number).map(rangeOf);
  }

  abandon(id: number, order: number): void {
    this.#abandon.run(order, id);
  }

  /** Puts the blocks of a range up to `last` on the chain as a range of its own. */
  appendCut(range: StoredRange, { id, last }: { readonly id: number; readonly last: bigint }): void {
    const { prefix, header, totalDifficulty, step, gasCeiling } = range;
    const bytes = Uint8Array.fromHex(encodeHeader(header));
    this.#insert.run(id, prefix, header.number, last, bytes, `${totalDifficulty}`, `${step}`, `${gasCeiling}`);
  }

  /** Removes the abandoned ranges beyond the newest `kept`; returns their ids. */
  evict(kept: number): number[] {
    return this.#evict.all(kept).map((row) => Number(row["id"]));
  }

  /** The canonical ranges, lowest first. */
  canonical(): StoredRange[] {
    return this.#canonical.all().map(rangeOf);
  }

  /** The abandoned ranges, in the order in which they left. */
  abandoned(): StoredRange[] {
    return this.#abandoned.all().map(rangeOf);
  }
}

function rangeOf(row: Row): StoredRange {
  const header = decodeHeader(decodeRlp(digitsIn(row, "header")));
  return {
    id: Number(row["id"]),
    prefix: String(row["prefix"]),
    header,
    totalDifficulty: BigInt(String(row["difficulty"])),
    count: BigInt(Number(row["last"])) - header.number + 1n,
    step: BigInt(String(row["step"])),
    gasCeiling: BigInt(String(row["ceiling"])),
  };
}
