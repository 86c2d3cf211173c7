import type { Handed } from "../../crypto/heavy.ts";
import type { Outcome } from "../../crypto/operations.ts";

/** A precompiled contract in the rules of one fork. */
export interface Precompile {
  /** What a call costs, whether it succeeds or not; Infinity where geth has the highest uint64. */
  gas(input: Uint8Array): number;
  /**
   * Runs it: at once, or elsewhere where it would hold the event loop for longer than some 5 ms. The input may change once
   * this has returned.
   */
  run(input: Uint8Array): Outcome | Handed<Outcome>;
}
