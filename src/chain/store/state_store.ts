import type { Hash } from "../../eth/types.ts";
import type { ReservedRange } from "./reserved_range.ts";
import type { StoredStates } from "../../state/stored/stored_states.ts";
import type { World } from "../../state/world.ts";

/** The root of a state on disk: the number of its node, and its hash. */
export interface StateRoot {
  readonly id: number;
  readonly stateRoot: Hash;
}

/** The states on disk. */
export interface StateDisk {
  readonly states: StoredStates;
  /** The root of the state after a block; undefined when it is not kept. */
  rootAt(hash: Hash): StateRoot | undefined;
  /** The root of the state after all blocks of a range, by the prefix of their hashes. */
  rootOfRange(prefix: string): StateRoot | undefined;
}

/** The worlds that stay made over a disk: few reads go back further than the states of --gcmode full. */
const MAX_WORLDS = 256;

/**
 * The states after blocks, by block hash. A state costs little: it shares with the others everything that is equal. Over a
 * disk only the lately used ones are here.
 */
export class StateStore {
  readonly #worlds = new Map<string, World>();
  readonly #disk: StateDisk | null;

  constructor(disk: StateDisk | null = null) {
    this.#disk = disk;
  }

  /** The state after a block; undefined when it is not kept, or not kept any more. */
  worldAt(hash: Hash): World | undefined {
    return this.#worlds.get(hash) ?? this.#read(hash, this.#disk?.rootAt(hash));
  }

  put(hash: Hash, world: World): void {
    this.#keep(hash, world);
  }

  /** The one state after all blocks of a range of empty ones. */
  worldOf({ prefix }: ReservedRange): World | undefined {
    return this.#worlds.get(prefix) ?? this.#read(prefix, this.#disk?.rootOfRange(prefix));
  }

  putRange(range: ReservedRange, world: World): void {
    this.#keep(range.prefix, world);
  }

  dropRange(range: ReservedRange): void {
    this.#worlds.delete(range.prefix);
  }

  drop(hash: Hash): void {
    this.#worlds.delete(hash);
  }

  #read(key: string, root: StateRoot | undefined): World | undefined {
    if (root === undefined || this.#disk === null) return undefined;
    const world = this.#disk.states.world(root.id, root.stateRoot);
    this.#keep(key, world);
    return world;
  }

  #keep(key: string, world: World): void {
    if (this.#disk !== null) {
      // A world that was put again is the newest.
      this.#worlds.delete(key);
      for (const oldest of this.#worlds.keys()) {
        if (this.#worlds.size < MAX_WORLDS) break;
        this.#worlds.delete(oldest);
      }
    }
    this.#worlds.set(key, world);
  }
}
