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
