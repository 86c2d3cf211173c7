import { ETH_CODE } from "../../../eth/error.ts";
import type { SimulatedBlock } from "../../../eth/types.ts";
import { invalidParams, RpcError } from "../../../rpc/error.ts";
import { MAX_UINT64 } from "../../../primitives/uint.ts";

// geth's internal/ethapi/simulate.go.
export const MAX_SIMULATED_BLOCKS = 256;
const MAX_CALLS_PER_BLOCK = 5000;
const MAX_CALLS = 10_000;

/** Refuses a simulation that exceeds the limits of one request. */
export function checkSize(blocks: readonly SimulatedBlock[]): void {
  if (blocks.length === 0) throw invalidParams("empty input");
  if (blocks.length > MAX_SIMULATED_BLOCKS) throw tooMuch("too many blocks");
  let total = 0;
  for (const { calls } of blocks) {
    if (calls.length > MAX_CALLS_PER_BLOCK) {
      throw tooMuch(`too many calls in block: ${calls.length} > ${MAX_CALLS_PER_BLOCK}`);
    }
    total += calls.length;
    if (total > MAX_CALLS) throw tooMuch(`too many calls: ${total} > ${MAX_CALLS}`);
  }
}

export function tooMuch(message: string): RpcError {
  return new RpcError(ETH_CODE.clientLimitExceeded, message);
}

/** The gas that all calls of one request share: --rpc.gascap. */
export class GasBudget {
  #remaining: bigint;

  /** `cap` 0 is none. */
  constructor(cap: bigint) {
    this.#remaining = cap === 0n ? MAX_UINT64 : cap;
  }

  /** Returns the gas that a call gets when it asks for `gas`. */
  cap(gas: bigint): bigint {
    return gas < this.#remaining ? gas : this.#remaining;
  }

  spend(gas: bigint): void {
    this.#remaining -= gas;
  }
}
