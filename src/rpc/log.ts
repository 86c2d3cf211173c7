/** The part of a logger that this layer writes to; the composition root injects one. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
