import type { Address, BlockRef, Data, Hash, Quantity } from "../../eth/types.ts";
import type { StateReader } from "../../node/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Sides } from "../sides.ts";

/** Reads accounts: from the forked block on the local ones, below it those of the other chain. */
export class ForkState implements StateReader {
  readonly #sides: Sides;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  balance(address: Address, at: BlockRef): Promise<Quantity> {
    return this.#in(at, (state, at) => state.balance(address, at));
  }

  nonce(address: Address, at: BlockRef): Promise<Quantity> {
    return this.#in(at, (state, at) => state.nonce(address, at));
  }

  code(address: Address, at: BlockRef): Promise<Data> {
    return this.#in(at, (state, at) => state.code(address, at));
  }

  storage(address: Address, slot: Hash, at: BlockRef): Promise<Data> {
    return this.#in(at, (state, at) => state.storage(address, slot, at));
  }

  /** A proof of the forked block leads to the root in its header, so it is one of the other chain's state. */
  async proof(address: Address, slots: readonly string[], at: BlockRef): Promise<RawJson> {
    const below = await this.#sides.ofBlock(at);
    if (below !== null) return await below.remote.state.proof(address, slots, below.at);
    return await this.#sides.local.state.proof(address, slots, at);
  }

  async #in<T>(at: BlockRef, read: (state: StateReader, at: BlockRef) => T | Promise<T>): Promise<T> {
    const below = await this.#sides.ofState(at);
    return below === null ? await read(this.#sides.local.state, at) : await read(below.remote.state, below.at);
  }
}
