import type { Hash } from "../../eth/types.ts";
import { hexToBytes } from "../../primitives/hex.ts";
import { encodeHeader } from "../../primitives/header.ts";
import { encodeBody, encodeReceipts } from "../store/block_codec.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { Database, Row, Statement } from "./database.ts";

/** Blocks that were sealed or imported, canonical and abandoned ones. */
export class BlockTable {
  readonly #insert: Statement;
  readonly #idOf: Statement;
  readonly #canonicalId: Statement;
  readonly #revive: Statement;
  readonly #abandon: Statement;
  readonly #above: Statement;
  readonly #evict: Statement;
  readonly #first: Statement;
  #lowest: bigint | undefined;

  constructor(database: Database) {
    this.#insert = database.prepare(
      "INSERT INTO block (id, number, hash, header, difficulty, hashes, senders, impersonated, body, receipts) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#idOf = database.prepare("SELECT id FROM block WHERE hash = ?");
    this.#canonicalId = database.prepare("SELECT id FROM block WHERE number = ? AND abandoned IS NULL");
    this.#revive = database.prepare("UPDATE block SET abandoned = NULL WHERE id = ?");
    this.#abandon = database.prepare("UPDATE block SET abandoned = ? WHERE id = ?");
    this.#above = database.prepare(
      "SELECT id, number FROM block WHERE number > ? AND abandoned IS NULL ORDER BY number DESC",
    );
    // The head of a snapshot can become canonical again.
    this.#evict = database.prepare(
      "DELETE FROM block WHERE abandoned IS NOT NULL AND hash NOT IN (SELECT head FROM snapshot) AND abandoned <= " +
        "(SELECT abandoned FROM block WHERE abandoned IS NOT NULL ORDER BY abandoned DESC LIMIT 1 OFFSET ?) RETURNING id",
    );
    this.#first = database.prepare("SELECT min(number) AS number FROM block WHERE abandoned IS NULL");
  }

  idOf(hash: Hash): number | undefined {
    return numberIn(this.#idOf.get(hexToBytes(hash)), "id");
  }

  /** True in a new file. */
  get isEmpty(): boolean {
    return this.#first.get()?.["number"] === null;
  }

  /** The id of the canonical block of a number. */
  canonicalId(number: bigint): number | undefined {
    return numberIn(this.#canonicalId.get(number), "id");
  }

  /** Puts a block on top of the chain; one that was abandoned comes back. Returns its id, which is `id` for a new one. */
  append(record: BlockRecord, id: number): number {
    const known = this.idOf(record.hash);
    if (known !== undefined) {
      this.#revive.run(known);
      return known;
    }
    const body = record.body();
    const impersonated = body.transactions.flatMap((included, index) => included.impersonated ? [index] : []);
    this.#insert.run(
      id,
      record.number,
      hexToBytes(record.hash),
      Uint8Array.fromHex(encodeHeader(record.header)),
      record.totalDifficulty.toString(),
      joined(record.hashes),
      joined(body.transactions.map(({ sender }) => sender)),
      impersonated.length === 0 ? null : JSON.stringify(impersonated),
      Uint8Array.fromHex(encodeBody(body)),
      Uint8Array.fromHex(encodeReceipts(record.receipts())),
    );
    return id;
  }

  /** The number of the first block of the chain. */
  lowest(): bigint {
    return this.#lowest ??= BigInt(numberIn(this.#first.get(), "number") ?? 0);
  }

  /** The canonical blocks above a number, the newest first. */
  above(number: bigint): { readonly id: number; readonly number: number }[] {
    return this.#above.all(number).map((row) => ({ id: Number(row["id"]), number: Number(row["number"]) }));
  }

  /** Takes a block off the chain as the `order`-th that left it. */
  abandon(id: number, order: number): void {
    this.#abandon.run(order, id);
  }

  /** Removes the abandoned blocks beyond the newest `kept`; returns their ids. */
  evict(kept: number): number[] {
    return this.#evict.all(kept).map((row) => Number(row["id"]));
  }
}

/** The value of an integer column; undefined where there is no row. */
export function numberIn(row: Row | undefined, column: string): number | undefined {
  return row === undefined ? undefined : Number(row[column]);
}

function joined(items: readonly string[]): Uint8Array {
  return Uint8Array.fromHex(items.map((item) => item.slice(2)).join(""));
}
