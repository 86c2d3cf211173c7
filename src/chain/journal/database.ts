// A descriptor of Node's can be asked about without a permission; a file of Deno's cannot (measured).
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { Checkpoints } from "./checkpoints.ts";
import { damaged, JournalError } from "./journal_error.ts";
import { APPLICATION_ID, FORMAT, MIGRATIONS, SCHEMA } from "./schema.ts";

/** The file inside the folder of --datadir; SQLite puts its log beside it. */
const FILE_NAME = "chain.sqlite";
/** Pages that SQLite itself keeps, KiB. The caches above it hold decoded values, so this one is small. */
const PAGE_CACHE_KIB = 8 * 1024;
const LOG_HEADER_BYTES = 32;
const LOG_MAGIC = 0x377f0682;
/** How often it is looked whether the file is still there, milliseconds. */
const PRESENCE_CHECK_MS = 100;
/** The log file is cut to this when it begins anew. */
const MAX_LOG_FILE_BYTES = 64 * 2 ** 20;

/** A value of a column. */
export type Value = null | number | bigint | string | Uint8Array;
/** A row of a table: its columns by name. */
export type Row = Readonly<Record<string, unknown>>;

/** A statement that is prepared once. */
export interface Statement {
  run(...values: readonly Value[]): unknown;
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): readonly Row[];
  iterate(...values: readonly Value[]): Iterable<Row>;
}

export interface DatabaseOptions {
  /** The folder; it is made when it is not there. */
  readonly folder: string;
  /** --datadir.sync: each commit is on the disk itself, and so survives a loss of power. */
  readonly isSynced: boolean;
  /** Called when the disk fails: once when changes cannot be written, and when the log cannot be emptied. */
  readonly onError: (error: unknown) => void;
  /** --gcmode full: after how many bytes of new nodes those that no state needs are removed; chosen when absent. */
  readonly sweptBytes?: number | undefined;
}

/** What was opened of a file. */
interface Opened {
  readonly path: string;
  readonly sqlite: DatabaseSync;
  /** A descriptor of the file itself. */
  readonly file: number;
  /** The file whose lock is held until the process ends, however it ends. */
  readonly lock: Deno.FsFile;
  readonly checkpoints: Checkpoints;
  readonly onError: (error: unknown) => void;
  readonly sweptBytes: number | undefined;
}

/**
 * The open file of a chain. It is opened before the sandbox closes; after that it needs no permission (measured). No other
 * process can open it meanwhile.
 */
export class Database {
  /** How messages name the file. */
  readonly path: string;
  readonly sweptBytes: number | undefined;
  readonly #opened: Opened;
  readonly #sqlite: DatabaseSync;
  readonly #begin: Statement;
  readonly #commit: Statement;
  #isOpen = true;
  #isFailing = false;
  #checkedAt = -Infinity;

  constructor(opened: Opened) {
    this.path = opened.path;
    this.sweptBytes = opened.sweptBytes;
    this.#opened = opened;
    this.#sqlite = opened.sqlite;
    this.#begin = this.prepare("BEGIN IMMEDIATE");
    this.#commit = this.prepare("COMMIT");
  }

  prepare(sql: string): Statement {
    // The types of Node know no names of columns.
    return this.#sqlite.prepare(sql) as unknown as Statement;
  }

  /** Runs `write` as one transaction: all of it is kept, or nothing. */
  transaction<T>(write: () => T): T {
    try {
      this.#checkPresence();
      this.#begin.run();
      const result = write();
      this.#commit.run();
      this.#opened.checkpoints.committed();
      this.#isFailing = false;
      return result;
    } catch (error) {
      this.#rollBack();
      // Once, not for each change that a client tries.
      if (!this.#isFailing) this.#opened.onError(error);
      this.#isFailing = true;
      throw error;
    }
  }

  /** SQLite does not notice that its file was deleted: it would write on into nothing. Asking takes 40 us (measured). */
  #checkPresence(): void {
    const now = performance.now();
    if (now - this.#checkedAt < PRESENCE_CHECK_MS) return;
    if (fstatSync(this.#opened.file).nlink === 0) throw new JournalError(`${quoted(this.path)} was deleted`);
    this.#checkedAt = now;
  }

  #rollBack(): void {
    try {
      this.#sqlite.exec("ROLLBACK");
    } catch {
      // A full disk has ended the transaction already.
    }
  }

  /** Closes the file at once; the promise resolves when nothing in the background is left of it. */
  close(): Promise<void> {
    if (!this.#isOpen) return Promise.resolve();
    this.#isOpen = false;
    const closing = this.#opened.checkpoints.close();
    this.#sqlite.close();
    this.#opened.lock.close();
    return closing;
  }
}

/** Opens the file in the folder and takes its lock; makes both where they are not there. Throws {@link JournalError}. */
export async function openDatabase(
  { folder, isSynced, onError, sweptBytes }: DatabaseOptions,
): Promise<Database> {
  const path = `${folder.replace(/\/+$/, "")}/${FILE_NAME}`;
  const synchronous = isSynced ? "FULL" : "NORMAL";
  // It is loaded here, because a chain in memory does not need it.
  const { DatabaseSync } = await import("node:sqlite");
  const close: (() => void)[] = [];
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const lock = Deno.openSync(`${path}.lock`, { create: true, write: true });
    close.push(() => lock.close());
    if (!lock.tryLockSync(true)) {
      throw new JournalError(`${quoted(folder)} is in use by another process: stop it, or name another folder`);
    }
    checkLog(`${path}-wal`);
    const sqlite = new DatabaseSync(path);
    close.push(() => sqlite.close());
    prepareFile(sqlite, { path, synchronous });
    const reader = new DatabaseSync(path);
    close.push(() => reader.close());
    const [file, log] = [openSync(path, "r+"), openSync(`${path}-wal`, "r+")];
    const checkpoints = new Checkpoints({ writer: sqlite, reader, file, log, synchronous, onError });
    return new Database({ path, sqlite, file, lock, checkpoints, onError, sweptBytes });
  } catch (cause) {
    for (const undo of close.reverse()) undo();
    throw cause instanceof JournalError ? cause : new JournalError(openFailure(path, cause), { cause });
  }
}

function prepareFile(sqlite: DatabaseSync, { path, synchronous }: { path: string; synchronous: string }): void {
  sqlite.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous};
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${MAX_LOG_FILE_BYTES};
    PRAGMA cache_size = -${PAGE_CACHE_KIB};
    PRAGMA temp_store = MEMORY;
    BEGIN IMMEDIATE`);
  const application = numberOf(sqlite, "application_id");
  const format = numberOf(sqlite, "user_version");
  if (application === 0 && format === 0 && numberOf(sqlite, "schema_version") === 0) {
    sqlite.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT}; ${SCHEMA}`);
  } else if (application !== APPLICATION_ID) {
    throw new JournalError(`${quoted(path)} is a database of another program: name another folder`);
  } else if (format > FORMAT || format < 1) {
    throw new JournalError(
      `${quoted(path)} has format ${format}, and this version reads up to format ${FORMAT}: ` +
        "use the version that wrote it, or name another folder",
    );
  } else if (format < FORMAT) {
    for (const migration of MIGRATIONS.slice(format - 1)) sqlite.exec(migration);
    sqlite.exec(`PRAGMA user_version = ${FORMAT}`);
  }
  sqlite.exec("COMMIT");
}

/** SQLite takes a log whose beginning is damaged for an empty one, and what is in it would be lost without a word. */
function checkLog(path: string): void {
  const bytes = new Uint8Array(LOG_HEADER_BYTES);
  let length: number;
  try {
    const descriptor = openSync(path, "r");
    length = readSync(descriptor, bytes, 0, LOG_HEADER_BYTES, 0);
    closeSync(descriptor);
  } catch {
    // There is none after an orderly end.
    return;
  }
  if (length === 0 || isLogHeader(bytes.subarray(0, length))) return;
  throw new JournalError(damaged(path, "the beginning of SQLite's log is not what was written"));
}

/** SQLite's file format, 4.1: a magic number, and a checksum of the first 24 bytes. */
function isLogHeader(bytes: Uint8Array): boolean {
  if (bytes.length < LOG_HEADER_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== LOG_MAGIC && magic !== LOG_MAGIC + 1) return false;
  const isLittle = magic === LOG_MAGIC;
  let [one, other] = [0, 0];
  for (let at = 0; at < LOG_HEADER_BYTES - 8; at += 8) {
    one = (one + view.getUint32(at, isLittle) + other) >>> 0;
    other = (other + view.getUint32(at + 4, isLittle) + one) >>> 0;
  }
  return view.getUint32(24) === one && view.getUint32(28) === other;
}

function numberOf(sqlite: DatabaseSync, pragma: string): number {
  return Number(Object.values(sqlite.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

function quoted(path: string): string {
  return JSON.stringify(path);
}

/** Says in one line why the file cannot be used and what to do. */
function openFailure(path: string, cause: unknown): string {
  const reason = cause instanceof Error ? cause.message.split("\n", 1)[0] ?? "" : String(cause);
  if (/locked|busy/.test(reason)) {
    return `${quoted(path)} is in use by another process: stop it, or name another folder`;
  }
  if (/not a database|malformed|corrupt/.test(reason)) return damaged(path, reason);
  if (/readonly|read-only/i.test(reason)) return `${quoted(path)} cannot be written: it is read-only`;
  if (/full|no space/i.test(reason)) return `${quoted(path)} cannot be written: the disk is full`;
  return `${quoted(path)} cannot be opened: ${reason}`;
}

/** The value of a column with bytes. */
export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new JournalError(`the chain on disk is damaged: ${column} has no bytes`);
  return value;
}

/** The value of a column with bytes, as digits. */
export function digitsIn(row: Row, column: string): string {
  return bytesIn(row, column).toHex();
}
