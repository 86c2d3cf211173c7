/** "SLLY": it marks the file as one of this program (SQLite's application_id). */
export const APPLICATION_ID = 0x534c4c59;

/** The version of the tables below. A change of them adds an entry to {@link MIGRATIONS} and one to this number. */
export const FORMAT = 1;

/** The statements that bring a file from format n to n + 1, n counted from 1. */
export const MIGRATIONS: readonly string[] = [];

/**
 * Blocks and ranges of empty blocks share one growing sequence of ids. Rows are added at the end of their tables, so that a
 * commit writes few pages; the hash of a block is the one key that falls anywhere.
 */
export const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

  -- "abandoned" is NULL for a canonical block; otherwise it counts the blocks that left the chain.
  CREATE TABLE block (
    id INTEGER PRIMARY KEY, number INTEGER NOT NULL, hash BLOB NOT NULL, header BLOB NOT NULL, difficulty TEXT NOT NULL,
    hashes BLOB NOT NULL, senders BLOB NOT NULL, impersonated TEXT, body BLOB NOT NULL, receipts BLOB NOT NULL,
    abandoned INTEGER
  );
  CREATE UNIQUE INDEX block_number ON block (number) WHERE abandoned IS NULL;
  CREATE UNIQUE INDEX block_hash ON block (hash);
  CREATE INDEX block_abandoned ON block (abandoned) WHERE abandoned IS NOT NULL;

  CREATE TABLE range (
    id INTEGER PRIMARY KEY, prefix TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, header BLOB NOT NULL,
    difficulty TEXT NOT NULL, step TEXT NOT NULL, ceiling TEXT NOT NULL, abandoned INTEGER
  );
  CREATE INDEX range_prefix ON range (prefix);

  -- The state after a block or range: the id and hash of its root node, id 0 for the empty state; without a row it is not
  -- kept. A negative segment is the last block of a range alone, whose state was edited; 0 is the state of the genesis.
  CREATE TABLE state (segment INTEGER PRIMARY KEY, root INTEGER NOT NULL, hash BLOB NOT NULL);
  -- The nodes that one commit added, in one row.
  CREATE TABLE pack (id INTEGER PRIMARY KEY, nodes BLOB NOT NULL);
  CREATE TABLE code (hash BLOB PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;

  -- Where transactions and logs are (index_table.ts). Entries of blocks that were abandoned stay.
  CREATE TABLE transaction_place (epoch INTEGER, key INTEGER, place INTEGER, PRIMARY KEY (epoch, key, place)) WITHOUT ROWID;
  CREATE TABLE log_block (epoch INTEGER, key INTEGER, id INTEGER, PRIMARY KEY (epoch, key, id)) WITHOUT ROWID;

  -- What was set at run time, by name, as JSON.
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  -- Transactions that wait; "place" is NULL for those that only snapshots have.
  CREATE TABLE entry (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL, place TEXT);
  CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY, head BLOB NOT NULL, root INTEGER NOT NULL, hash BLOB NOT NULL, settings TEXT NOT NULL,
    taken INTEGER NOT NULL
  );
  CREATE TABLE snapshot_entry (snapshot INTEGER NOT NULL, entry INTEGER NOT NULL);
  CREATE INDEX snapshot_entry_entry ON snapshot_entry (entry);
`;
