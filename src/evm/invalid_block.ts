/** What makes a block invalid as a whole, whatever its transactions are: a call of the protocol's own that fails. */
export class InvalidBlockError extends Error {
  override readonly name = "InvalidBlockError";
}
