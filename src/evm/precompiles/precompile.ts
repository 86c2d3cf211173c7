import type { Outcome } from "../../crypto/operations.ts";

/** Work that is done elsewhere once this is called; it rejects with the signal's reason when the signal is aborted. */
export type Elsewhere = (signal?: AbortSignal) => Promise<Outcome>;

/** A precompiled contract in the rules of one fork. */
export interface Precompile {
  /** What a call costs, whether it succeeds or not; Infinity where geth has the highest uint64. */
  gas(input: Uint8Array): number;
  /**
   * Returns the outcome, or, where the work would hold the event loop for more than about 5 ms, a function that does the
   * work elsewhere. The input may change once this has returned.
   */
  run(input: Uint8Array): Outcome | Elsewhere;
}
