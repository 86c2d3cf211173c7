import type { BlockIndex, IndexRows, TransactionPlace } from "../store/block_source.ts";
import { numberIn } from "./block_table.ts";
import type { Database, Statement } from "./database.ts";

/**
 * Rows of one epoch lie together: a row goes into a tree that does not grow any more once its epoch is over, so that a row
 * of a long chain costs as little as one of a short chain. A look-up goes through the epochs.
 */
const EPOCH_BLOCKS = 16_384;
const INDEX_FACTOR = 65_536;
/** The name of {@link BlockIndex.indexedTo} in the table of meta values. */
const INDEXED_TO = "indexedTo";

/** Where transactions and logs are, by the ids of blocks. */
export class IndexTable implements BlockIndex {
  readonly #database: Database;
  readonly #addPlace: Statement;
  readonly #addLogs: Statement;
  readonly #note: Statement;
  readonly #places: Statement;
  readonly #logIds: Statement;
  #indexedTo: number;

  constructor(database: Database) {
    this.#database = database;
    this.#addPlace = database.prepare("INSERT OR IGNORE INTO transaction_place (epoch, key, place) VALUES (?, ?, ?)");
    this.#addLogs = database.prepare("INSERT OR IGNORE INTO log_block (epoch, key, id) VALUES (?, ?, ?)");
    this.#note = database.prepare(`INSERT OR REPLACE INTO meta (key, value) VALUES ('${INDEXED_TO}', ?)`);
    this.#places = database.prepare(
      "SELECT place FROM transaction_place WHERE epoch = ? AND key = ? ORDER BY place DESC",
    );
    this.#logIds = database.prepare(
      "SELECT id FROM log_block WHERE epoch = ? AND key = ? AND id BETWEEN ? AND ? ORDER BY id LIMIT ?",
    );
    const noted = database.prepare(`SELECT value FROM meta WHERE key = '${INDEXED_TO}'`).get();
    this.#indexedTo = numberIn(noted, "value") ?? 0;
  }

  get indexedTo(): number {
    return this.#indexedTo;
  }

  write({ transactions, logs }: IndexRows, indexedTo: number | undefined): void {
    this.#database.transaction(() => {
      for (const { key, id, index } of transactions) this.#addPlace.run(epochOf(id), key, id * INDEX_FACTOR + index);
      for (const { key, id } of logs) this.#addLogs.run(epochOf(id), key, id);
      if (indexedTo !== undefined) this.#note.run(indexedTo);
    });
    this.#indexedTo = indexedTo ?? this.#indexedTo;
  }

  *places(key: number): Generator<TransactionPlace> {
    for (let epoch = epochOf(this.#indexedTo); epoch >= 0; epoch--) {
      for (const row of this.#places.all(epoch, key)) {
        const place = Number(row["place"]);
        yield { id: Math.floor(place / INDEX_FACTOR), index: place % INDEX_FACTOR };
      }
    }
  }

  logIds(
    key: number,
    { from, to, limit }: { readonly from: number; readonly to: number; readonly limit: number },
  ): number[] {
    for (let epoch = epochOf(from); epoch <= epochOf(to); epoch++) {
      const rows = this.#logIds.all(epoch, key, from, to, limit);
      if (rows.length > 0) return rows.map((row) => Number(row["id"]));
    }
    return [];
  }
}

function epochOf(id: number): number {
  return Math.floor(id / EPOCH_BLOCKS);
}
