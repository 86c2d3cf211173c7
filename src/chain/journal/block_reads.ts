import type { Address, Hash } from "../../eth/types.ts";
import { bytesToHex, hexToBytes } from "../../primitives/hex.ts";
import { decodeHeader } from "../../primitives/header.ts";
import { decodeRlp } from "../../primitives/rlp.ts";
import type { BlockBytes } from "../store/block_record.ts";
import type { BlockSource, StoredBlock, UnindexedBlock } from "../store/block_source.ts";
import { numberIn } from "./block_table.ts";
import { bytesIn, type Database, digitsIn, type Row, type Statement } from "./database.ts";
import type { IndexTable } from "./index_table.ts";
import { JournalError } from "./journal_error.ts";

const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;
/** The body and the receipts are the last columns, so that a row is read without them. */
const COLUMNS = "id, hash, header, difficulty, hashes, senders, impersonated";

/** Reads blocks, each when it is asked for. */
export class BlockReader implements BlockSource {
  readonly index: IndexTable;
  readonly #at: Statement;
  readonly #of: Statement;
  readonly #canonical: Statement;
  readonly #idOf: Statement;
  readonly #idFrom: Statement;
  readonly #idUpTo: Statement;
  readonly #unindexed: Statement;
  readonly #first: Statement;
  readonly #last: Statement;
  readonly #body: Statement;
  readonly #receipts: Statement;

  constructor(database: Database, index: IndexTable) {
    const select = (rest: string) => database.prepare(`SELECT ${COLUMNS} FROM block WHERE ${rest}`);
    const ids = (rest: string) => database.prepare(`SELECT id FROM block WHERE ${rest}`);
    this.index = index;
    this.#at = select("abandoned IS NULL AND number = ?");
    this.#of = select("hash = ?");
    this.#canonical = select("id = ? AND abandoned IS NULL");
    this.#idOf = ids("hash = ?");
    this.#idFrom = ids("abandoned IS NULL AND number >= ? ORDER BY number LIMIT 1");
    this.#idUpTo = ids("abandoned IS NULL AND number <= ? ORDER BY number DESC LIMIT 1");
    this.#unindexed = database.prepare(
      "SELECT id, hashes, receipts FROM block WHERE id > ? AND abandoned IS NULL ORDER BY id",
    );
    this.#first = select("abandoned IS NULL ORDER BY number LIMIT 1");
    this.#last = select("abandoned IS NULL ORDER BY number DESC LIMIT 1");
    this.#body = database.prepare("SELECT body FROM block WHERE id = ?");
    this.#receipts = database.prepare("SELECT receipts FROM block WHERE id = ?");
  }

  first(): StoredBlock {
    return this.#present(this.#first.get());
  }

  last(): StoredBlock {
    return this.#present(this.#last.get());
  }

  at(number: bigint): StoredBlock | undefined {
    return this.#block(this.#at.get(number));
  }

  of(hash: Hash): StoredBlock | undefined {
    return this.#block(this.#of.get(hexToBytes(hash)));
  }

  canonical(id: number): StoredBlock | undefined {
    return this.#block(this.#canonical.get(id));
  }

  idOf(hash: Hash): number | undefined {
    return numberIn(this.#idOf.get(hexToBytes(hash)), "id");
  }

  idFrom(number: bigint): number | undefined {
    return numberIn(this.#idFrom.get(number), "id");
  }

  idUpTo(number: bigint): number | undefined {
    return numberIn(this.#idUpTo.get(number), "id");
  }

  *unindexed(id: number): Generator<UnindexedBlock> {
    for (const row of this.#unindexed.iterate(id)) {
      yield { id: Number(row["id"]), hashes: hashesIn(row), receipts: bytesIn(row, "receipts") };
    }
  }

  bytesOf(id: number): BlockBytes {
    const [body, receipts] = [this.#body, this.#receipts];
    const read = (statement: Statement, column: string) => {
      const row = statement.get(id);
      if (row === undefined) throw new JournalError("the block is not on disk any more");
      return bytesIn(row, column);
    };
    return {
      get body() {
        return read(body, "body");
      },
      get receipts() {
        return read(receipts, "receipts");
      },
    };
  }

  #block(row: Row | undefined): StoredBlock | undefined {
    return row === undefined ? undefined : this.#present(row);
  }

  #present(row: Row | undefined): StoredBlock {
    if (row === undefined) throw new JournalError("the chain on disk is damaged: it has no blocks");
    const id = Number(row["id"]);
    const impersonated = row["impersonated"];
    return {
      id,
      header: decodeHeader(decodeRlp(digitsIn(row, "header"))),
      hash: bytesToHex(bytesIn(row, "hash")),
      totalDifficulty: BigInt(String(row["difficulty"])),
      hashes: hashesIn(row),
      senders: parts<Address>(digitsIn(row, "senders"), ADDRESS_BYTES),
      impersonated: impersonated === null ? [] : JSON.parse(String(impersonated)) as number[],
      bytes: this.bytesOf(id),
    };
  }
}

function hashesIn(row: Row): Hash[] {
  return parts<Hash>(digitsIn(row, "hashes"), HASH_BYTES);
}

function parts<T extends string>(digits: string, bytes: number): T[] {
  const items: T[] = [];
  for (let at = 0; at < digits.length; at += bytes * 2) items.push(`0x${digits.slice(at, at + bytes * 2)}` as T);
  return items;
}
