/** The part of a logger that this layer writes to; `logger("ws")` of src/app/log.ts has it. */
export interface TransportLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
