import { DatabaseSync } from "node:sqlite";
import type { Address, Hash } from "../../primitives/types.ts";
import { bytesToHex, hexToBytes } from "../../primitives/hex.ts";
import type { BaseAccount } from "../../state/base.ts";
import { codeOf, NO_CODE } from "../../state/code.ts";
import { accountOf } from "./account.ts";
import type { FactStore, StartStore } from "./fact_store.ts";
import { APPLICATION_ID, FORMAT, SCHEMA } from "./schema.ts";

/** The file inside the folder of --datadir. */
const FILE_NAME = "fork.sqlite";
/** What was put is written after this, milliseconds, many facts at once. */
const WRITE_DELAY_MS = 100;
/** How long another process that writes is waited for, milliseconds. */
const BUSY_MS = 2_000;
/** When the file is opened and larger than this, what was least lately used goes. */
const MAX_FILE_BYTES = 2 ** 31;

/** A file that cannot be used; the message names it and says why. */
export class FactDatabaseError extends Error {
  override readonly name = "FactDatabaseError";
}

type Write = () => void;

/** What other nodes have told, in one file that several processes may use at the same time. */
export class FactDatabase implements StartStore {
  readonly path: string;
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, Statement>();
  readonly #onError: (error: unknown) => void;
  #pending: Write[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isBroken = false;

  private constructor(path: string, sqlite: DatabaseSync, onError: (error: unknown) => void) {
    this.path = path;
    this.#sqlite = sqlite;
    this.#onError = onError;
  }

  /** Opens the file, or makes it. `onError` is called once when it can no longer be written. Throws {@link FactDatabaseError}. */
  static open(folder: string, { onError }: { readonly onError: (error: unknown) => void }): FactDatabase {
    const path = `${folder.replace(/\/+$/, "")}/${FILE_NAME}`;
    try {
      Deno.mkdirSync(folder, { recursive: true });
      const sqlite = new DatabaseSync(path);
      sqlite.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`);
      const database = new FactDatabase(path, sqlite, onError);
      database.#prepareFile();
      return database;
    } catch (cause) {
      if (cause instanceof FactDatabaseError) throw cause;
      throw new FactDatabaseError(`${JSON.stringify(path)}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    }
  }

  /** The facts about one block. */
  factsOf(chainId: bigint, hash: Hash): FactStore {
    const block = [String(chainId), hexToBytes(hash)] as const;
    this.#statement(
      "INSERT INTO block (chain_id, hash, used_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET used_at = excluded.used_at",
    ).run(...block, Date.now());
    const { id } = this.#statement("SELECT id FROM block WHERE chain_id = ? AND hash = ?").get(...block) as {
      id: number;
    };
    return new BlockFacts(id, {
      get: (sql, ...values) => this.#isBroken ? undefined : this.#statement(sql).get(...values),
      put: (sql, ...values) => this.#put(sql, values),
    });
  }

  start(key: string): string | undefined {
    const row = this.#statement("SELECT text FROM start WHERE key = ?").get(key);
    return row === undefined ? undefined : String(row["text"]);
  }

  putStart(key: string, text: string): void {
    this.#put("INSERT OR REPLACE INTO start (key, text) VALUES (?, ?)", [key, text]);
  }

  /** Writes what was put, and closes the file. */
  close(): void {
    clearTimeout(this.#timer);
    this.#write();
    this.#sqlite.close();
    this.#isBroken = true;
  }

  #put(sql: string, values: readonly Value[]): void {
    if (this.#isBroken) return;
    this.#pending.push(() => this.#statement(sql).run(...values));
    this.#timer ??= setTimeout(() => this.#write(), WRITE_DELAY_MS);
  }

  #write(): void {
    this.#timer = undefined;
    const writes = this.#pending;
    this.#pending = [];
    if (writes.length === 0 || this.#isBroken) return;
    try {
      this.#sqlite.exec("BEGIN IMMEDIATE");
      for (const write of writes) write();
      this.#sqlite.exec("COMMIT");
    } catch (error) {
      // It can be asked for again: a fork goes on without the file.
      this.#isBroken = true;
      this.#onError(error);
    }
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      // The types of Node know no names of columns.
      statement = this.#sqlite.prepare(sql) as unknown as Statement;
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #prepareFile(): void {
    const sqlite = this.#sqlite;
    const pragma = (name: string) => Number(Object.values(this.#statement(`PRAGMA ${name}`).get() ?? {})[0]);
    sqlite.exec("BEGIN IMMEDIATE");
    if (pragma("application_id") === 0 && pragma("schema_version") === 0) {
      sqlite.exec(SCHEMA);
      sqlite.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}`);
    }
    sqlite.exec("COMMIT");
    if (pragma("application_id") !== APPLICATION_ID || pragma("user_version") !== FORMAT) {
      throw new FactDatabaseError(
        `${
          JSON.stringify(this.path)
        } is not a file of this version: move it away, it holds nothing but what other nodes told`,
      );
    }
    if (pragma("page_count") * pragma("page_size") > MAX_FILE_BYTES) this.#forgetOldest();
  }

  /** Keeps what was told of the block that was used last, and the room of the rest. */
  #forgetOldest(): void {
    const kept = "(SELECT id FROM block ORDER BY used_at DESC LIMIT 1)";
    const tables = ["account", "slot", "block_hash"].map((table) => `DELETE FROM ${table} WHERE block NOT IN ${kept};`);
    this.#sqlite.exec(
      `BEGIN; ${tables.join(" ")} DELETE FROM node; DELETE FROM block WHERE id NOT IN ${kept}; COMMIT; VACUUM`,
    );
  }
}

type Value = string | number | Uint8Array | null;
type Row = Readonly<Record<string, unknown>>;

interface Statement {
  run(...values: readonly Value[]): unknown;
  get(...values: readonly Value[]): Row | undefined;
}

interface Access {
  get(sql: string, ...values: readonly Value[]): Row | undefined;
  put(sql: string, ...values: readonly Value[]): void;
}

class BlockFacts implements FactStore {
  readonly #block: number;
  readonly #access: Access;

  constructor(block: number, access: Access) {
    this.#block = block;
    this.#access = access;
  }

  account(address: Address): BaseAccount | null | undefined {
    const { get } = this.#access;
    const row = get(
      "SELECT nonce, balance, account.code AS hash, bytes FROM account LEFT JOIN code ON code.hash = account.code " +
        "WHERE block = ? AND address = ?",
      ...this.#key(address),
    );
    if (row === undefined) return undefined;
    const { nonce, balance, hash, bytes } = row;
    if (hash !== null && !(bytes instanceof Uint8Array)) return undefined;
    const code = bytes instanceof Uint8Array ? codeOf(bytes) : NO_CODE;
    if (hash instanceof Uint8Array && code.hash !== bytesToHex(hash)) return undefined;
    return accountOf({ nonce: numberOf(nonce), balance: numberOf(balance), code });
  }

  slot(address: Address, slot: bigint): bigint | undefined {
    const row = this.#access.get(
      "SELECT value FROM slot WHERE block = ? AND address = ? AND slot = ?",
      ...this.#key(address),
      bytesOf(slot),
    );
    return row === undefined ? undefined : numberOf(row["value"]);
  }

  blockHash(number: bigint): Hash | undefined {
    const row = this.#access.get(
      "SELECT hash FROM block_hash WHERE block = ? AND number = ?",
      this.#block,
      Number(number),
    );
    const hash = row?.["hash"];
    return hash instanceof Uint8Array ? bytesToHex(hash) : undefined;
  }

  node(hash: string): Uint8Array | undefined {
    const bytes = this.#access.get("SELECT bytes FROM node WHERE hash = ?", binaryBytes(hash))?.["bytes"];
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  putAccount(address: Address, account: BaseAccount | null): void {
    const { put } = this.#access;
    const { nonce, balance, code } = account ?? { nonce: 0n, balance: 0n, code: NO_CODE };
    const hash = code === NO_CODE ? null : code.hashBytes;
    if (hash !== null) put("INSERT OR IGNORE INTO code (hash, bytes) VALUES (?, ?)", hash, code.bytes);
    put(
      "INSERT OR REPLACE INTO account (block, address, nonce, balance, code) VALUES (?, ?, ?, ?, ?)",
      ...this.#key(address),
      bytesOf(nonce),
      bytesOf(balance),
      hash,
    );
  }

  putSlot(address: Address, slot: bigint, value: bigint): void {
    this.#access.put(
      "INSERT OR REPLACE INTO slot (block, address, slot, value) VALUES (?, ?, ?, ?)",
      ...this.#key(address),
      bytesOf(slot),
      bytesOf(value),
    );
  }

  putBlockHash(number: bigint, hash: Hash): void {
    this.#access.put(
      "INSERT OR REPLACE INTO block_hash (block, number, hash) VALUES (?, ?, ?)",
      this.#block,
      Number(number),
      hexToBytes(hash),
    );
  }

  putNode(hash: string, bytes: Uint8Array): void {
    this.#access.put("INSERT OR IGNORE INTO node (hash, bytes) VALUES (?, ?)", binaryBytes(hash), bytes);
  }

  #key(address: Address): [number, Uint8Array] {
    return [this.#block, hexToBytes(address)];
  }
}

function bytesOf(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  return Uint8Array.fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
}

function numberOf(bytes: unknown): bigint {
  return bytes instanceof Uint8Array && bytes.length > 0 ? BigInt(`0x${bytes.toHex()}`) : 0n;
}

function binaryBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
