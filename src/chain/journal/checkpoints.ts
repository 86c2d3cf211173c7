import { closeSync, fdatasync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

/** The time without a commit after which the log is emptied, milliseconds. */
const IDLE_MS = 200;
/** Commits after which it is emptied without a pause in between; they are about 2 MB. */
const MAX_COMMITS = 64;
/** Pages, 4 KiB each, from which on the log begins anew when it can. The first commit then waits for the disk. */
const FULL_LOG_PAGES = 4096;
/** Pages that the log may grow to while commits never pause. */
const MAX_LOG_PAGES = 16_384;

export interface CheckpointParts {
  /** The connection that writes. */
  readonly writer: DatabaseSync;
  /** A second connection to the same file. */
  readonly reader: DatabaseSync;
  /** Descriptors of the log and of the file. */
  readonly log: number;
  readonly file: number;
  /** SQLite's `synchronous` of the writer. */
  readonly synchronous: "NORMAL" | "FULL";
  /** Called when the disk fails: the log grows on, and nothing is lost. */
  readonly onError: (error: unknown) => void;
}

/**
 * Moves pages from SQLite's log into the file, so that the log stays short. A checkpoint of SQLite's own waits for the disk
 * twice, for 20 to 80 ms (measured), and the event loop with it. Here the disk is waited for in the background, in the same
 * order: the log is on the disk before a page of it is copied, and the file before the log begins anew. The second
 * connection reads meanwhile: SQLite copies nothing that is newer than what a reader sees, and keeps the log that it reads.
 */
export class Checkpoints {
  readonly #parts: CheckpointParts;
  #commits = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  #isKept = false;
  #isClosed = false;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
  }

  /** Called after each commit. */
  committed(): void {
    this.#commits++;
    if (this.#running !== undefined || this.#isClosed) return;
    if (this.#commits >= MAX_COMMITS) this.#begin();
    else if (this.#timer === undefined) this.#wait(this.#commits);
  }

  /** Begins when there was no commit for a while; `commits` is how many there were when the waiting began. */
  #wait(commits: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#running !== undefined) return;
      if (this.#commits === commits) this.#begin();
      else this.#wait(this.#commits);
    }, IDLE_MS);
    // A library's host may end with the chain open.
    Deno.unrefTimer(Number(this.#timer));
  }

  /** Ends it at once; resolves when the disk has answered and the descriptors are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const { reader, log, file } = this.#parts;
    reader.close();
    await this.#running;
    closeSync(log);
    closeSync(file);
  }

  #begin(): void {
    this.#running = this.#run().catch(this.#parts.onError).finally(() => {
      this.#running = undefined;
      if (this.#commits > 0 && !this.#isClosed && this.#timer === undefined) this.#wait(this.#commits);
    });
  }

  async #run(): Promise<void> {
    const { log, file } = this.#parts;
    this.#commits = 0;
    this.#keepLog(true);
    await synced(log);
    if (this.#isClosed) return;
    const pages = this.#copy("OFF");
    await synced(file);
    if (this.#isClosed || pages < FULL_LOG_PAGES) return;
    this.#keepLog(false);
    // The log begins anew only when all of it was copied: here nothing comes in between, and little is left to copy.
    if (pages > MAX_LOG_PAGES) this.#copy(this.#parts.synchronous);
  }

  /** Lets the second connection read what is newest, for as long as the log may not begin anew. */
  #keepLog(isKept: boolean): void {
    const { reader } = this.#parts;
    if (this.#isKept) reader.exec("COMMIT");
    if (isKept) reader.exec("BEGIN; SELECT count(*) FROM meta");
    this.#isKept = isKept;
  }

  /** Copies what may be copied; returns the length of the log in pages. */
  #copy(synchronous: string): number {
    const { writer } = this.#parts;
    writer.exec(`PRAGMA synchronous = ${synchronous}`);
    try {
      const row = writer.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() as { readonly log: number } | undefined;
      return row?.log ?? 0;
    } finally {
      writer.exec(`PRAGMA synchronous = ${this.#parts.synchronous}`);
    }
  }
}

/** Waits until the system has written a file to the disk. */
function synced(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(descriptor, (error) => error === null ? resolve() : reject(error));
  });
}
