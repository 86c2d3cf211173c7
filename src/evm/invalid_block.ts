/** The failure of one of the protocol's own calls, which makes a whole block invalid. */
export class InvalidBlockError extends Error {
  override readonly name = "InvalidBlockError";
}
