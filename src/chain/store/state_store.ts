import type { Hash } from "../../eth/types.ts";
import type { World } from "../../state/world.ts";

/** The states after blocks, by block hash. A state costs little: it shares with the others everything that is equal. */
export class StateStore {
  readonly #worlds = new Map<Hash, World>();

  /** The state after a block; undefined when it is not kept, or not kept any more. */
  worldAt(hash: Hash): World | undefined {
    return this.#worlds.get(hash);
  }

  put(hash: Hash, world: World): void {
    this.#worlds.set(hash, world);
  }

  drop(hash: Hash): void {
    this.#worlds.delete(hash);
  }
}
