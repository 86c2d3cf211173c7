import type { Hash } from "../../eth/types.ts";
import type { ReservedRange } from "./reserved_range.ts";
import type { World } from "../../state/world.ts";

/** The states after blocks, by block hash. A state costs little: it shares with the others everything that is equal. */
export class StateStore {
  readonly #worlds = new Map<Hash, World>();
  readonly #ofRanges = new Map<string, World>();

  /** The state after a block; undefined when it is not kept, or not kept any more. */
  worldAt(hash: Hash): World | undefined {
    return this.#worlds.get(hash);
  }

  put(hash: Hash, world: World): void {
    this.#worlds.set(hash, world);
  }

  /** The one state after all blocks of a range of empty ones. */
  worldOf(range: ReservedRange): World | undefined {
    return this.#ofRanges.get(range.prefix);
  }

  putRange(range: ReservedRange, world: World): void {
    this.#ofRanges.set(range.prefix, world);
  }

  dropRange(range: ReservedRange): void {
    this.#ofRanges.delete(range.prefix);
  }

  drop(hash: Hash): void {
    this.#worlds.delete(hash);
  }
}
