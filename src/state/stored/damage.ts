/** A node or code that was read is not the one that was written. */
export class DamagedStateError extends Error {
  override readonly name = "DamagedStateError";
}
