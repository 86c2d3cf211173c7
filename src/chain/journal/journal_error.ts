/** A chain's folder cannot be used, or no longer; the message is one line for the user. */
export class JournalError extends Error {
  override readonly name = "JournalError";
}
