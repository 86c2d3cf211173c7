/** A block that no other node could read; the message says which and why. */
export class ExportError extends Error {
  override readonly name = "ExportError";
}
