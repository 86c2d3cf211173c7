import { DamagedStateError } from "../../state/stored/damage.ts";

/** A chain's folder cannot be used, or no longer; the message is one line for the user. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}

/** Says that a file cannot be read and what to do. */
export function damaged(path: string, reason: string): string {
  return `${
    JSON.stringify(path)
  } is damaged (${reason}): put a copy in its place, or move it away to start a new chain`;
}

/** True for an error of SQLite's. */
export function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR";
}

/** Says why a chain on disk could not be read, when that is what an error is about. */
export function diskFault(error: unknown): string | undefined {
  const isAboutDisk = error instanceof JournalError || error instanceof DamagedStateError || isSqliteError(error);
  return isAboutDisk ? error.message : undefined;
}

/** Reads what a chain begins with; throws {@link JournalError} where it cannot be read. */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof JournalError) throw cause;
    throw new JournalError(damaged(path, cause instanceof Error ? cause.message : String(cause)), { cause });
  }
}
