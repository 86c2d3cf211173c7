/** Marks the file as one of these: `fork` in ASCII. */
export const APPLICATION_ID = 0x666f726b;
export const FORMAT = 1;

/** Numbers are big-endian bytes without leading zeros; hashes, addresses and slots are bytes. */
export const SCHEMA = `
CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  chain_id TEXT NOT NULL,
  hash BLOB NOT NULL,
  used_at INTEGER NOT NULL,
  UNIQUE (chain_id, hash)
) STRICT;
CREATE TABLE account (
  block INTEGER NOT NULL,
  address BLOB NOT NULL,
  nonce BLOB NOT NULL,
  balance BLOB NOT NULL,
  code BLOB,
  PRIMARY KEY (block, address)
) STRICT, WITHOUT ROWID;
CREATE TABLE slot (
  block INTEGER NOT NULL,
  address BLOB NOT NULL,
  slot BLOB NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (block, address, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE block_hash (
  block INTEGER NOT NULL,
  number INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (block, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE code (hash BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE node (hash BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
CREATE TABLE start (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
`;
