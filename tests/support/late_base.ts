import { type BaseAccount, type Misses, MISSING, type Missing, type StateBase } from "../../src/state/base.ts";
import { Storage } from "../../src/state/storage.ts";
import type { World } from "../../src/state/world.ts";
import { wordHex } from "../../src/primitives/hex.ts";
import type { Address, Hash } from "../../src/primitives/types.ts";

/** A base that misses every first read: it answers only what it was asked to load. */
export class LateBase implements StateBase {
  readonly #world: World;
  readonly #accounts = new Set<Address>();
  readonly #slots = new Set<string>();
  readonly #blockHashes = new Set<bigint>();
  /** How many times something was loaded. */
  loads = 0;
  /** How many values were loaded. */
  values = 0;

  readonly #hashOf: (number: bigint) => Hash;

  constructor(world: World, { hashOf = wordHex }: { readonly hashOf?: (number: bigint) => Hash } = {}) {
    this.#world = world;
    this.#hashOf = hashOf;
  }

  account(address: Address): BaseAccount | undefined | Missing {
    if (!this.#accounts.has(address)) return MISSING;
    const leaf = this.#world.leaf(address);
    if (leaf === undefined) return undefined;
    const { nonce, balance, code, storage } = leaf;
    return { nonce, balance, code, hasStorage: !storage.isEmpty };
  }

  slot(address: Address, slot: bigint): bigint | Missing {
    if (!this.#slots.has(`${address} ${slot}`)) return MISSING;
    return this.#world.leaf(address)?.storage.get(slot) ?? 0n;
  }

  blockHash(number: bigint): Hash | undefined | Missing {
    return this.#blockHashes.has(number) ? this.#hashOf(number) : MISSING;
  }

  async load(misses: Misses, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (misses.isEmpty) throw new Error("nothing was asked for");
    await Promise.resolve();
    this.loads++;
    for (const address of misses.accounts) this.#accounts.add(address);
    for (const [address, slots] of misses.slots) for (const slot of slots) this.#slots.add(`${address} ${slot}`);
    for (const number of misses.blockHashes) this.#blockHashes.add(number);
    this.values = this.#accounts.size + this.#slots.size + this.#blockHashes.size;
  }
}

/** What a world over a base holds, put into the world that the base stands for: its root is the true one. */
export function mergedInto(whole: World, changed: World): World {
  const changes = [...changed.changes()].map(([address, leaf]) => {
    if (leaf === undefined) return [address, undefined] as const;
    let storage = leaf.storage.isOverBase ? whole.leaf(address)?.storage ?? Storage.EMPTY : Storage.EMPTY;
    for (const { slot, value } of leaf.storage.entries()) storage = storage.set(slot, value);
    return [address, { ...leaf, storage }] as const;
  });
  return whole.withLeaves(changes);
}
