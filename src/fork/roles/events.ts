import type { EmbeddedChain } from "../../chain/mod.ts";
import type { Hash } from "../../eth/types.ts";
import { type BlockEvent, type ChainEvent, type ChainEventSource, type Interest, NO_PARTS } from "../../events/mod.ts";
import type { Sides } from "../sides.ts";

/** The events of the local chain as one stream, whichever it is; what is older can be had from the other chain. */
export class ForkEvents implements ChainEventSource {
  readonly #sides: Sides;
  readonly #listeners = new Set<(event: ChainEvent) => void>();
  #interest = NO_PARTS;
  #leave: () => void = () => {};

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  onEvent(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async want(interest: Interest): Promise<void> {
    this.#interest = interest;
    await this.#sides.local.events.want(interest);
  }

  headNumber(): bigint {
    return this.#sides.local.events.headNumber();
  }

  async blockEventAt(number: bigint, parts: Interest): Promise<BlockEvent | null> {
    const { local, past } = this.#sides;
    const source = past !== null && number <= past.block.number ? past.remote : local;
    return await source.events.blockEventAt(number, parts);
  }

  async blockEventOf(hash: Hash, parts: Interest): Promise<BlockEvent | null> {
    const { local, past } = this.#sides;
    const own = hash === past?.block.hash ? null : await local.events.blockEventOf(hash, parts);
    if (own !== null || past === null) return own;
    const old = await past.remote.events.blockEventOf(hash, parts);
    // The other chain has gone on: what came there later was never told here.
    return old === null || old.number > past.block.number ? null : old;
  }

  /** Returns 0 on a fork: what is not here can be read from the other chain. */
  oldestBlockEvent(): bigint {
    return this.#sides.past === null ? this.#sides.local.events.oldestBlockEvent() : 0n;
  }

  /** Tells the events of this chain from now on, and no longer those of the one before. */
  async follow(chain: EmbeddedChain): Promise<void> {
    this.#leave();
    const wanted = chain.events.want(this.#interest);
    this.#leave = chain.events.onEvent((event) => this.#emit(event));
    await wanted;
  }

  /** Tells that the head is another block from now on, which need not follow the last one. */
  async tellHead(): Promise<void> {
    const block = await this.blockEventAt(this.headNumber(), this.#interest);
    if (block !== null) this.#emit({ kind: "block", block });
  }

  #emit(event: ChainEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
