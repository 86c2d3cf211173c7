import type { BlockRef } from "../../../eth/types.ts";
import { serverError } from "../../../rpc/error.ts";
import type { BlockRecord, ExecutedBlock } from "../../store/block_record.ts";
import type { ChainCore } from "../../core/core.ts";
import type { BlockContext } from "../../../evm/env.ts";
import type { Sealer } from "../../seal/sealer.ts";
import type { World } from "../../../state/world.ts";
import type { EncodedBlock } from "../../encode/encoded_block.ts";

/**
 * Resolves block references, also of the pending block. A block that exists is returned without a promise, because eth_call
 * at the head is the most frequent request.
 */
export class Blocks {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;

  constructor(core: ChainCore, sealer: Sealer) {
    this.#core = core;
    this.#sealer = sealer;
  }

  /** Returns the block; null when there is none, as reads of blocks answer null. */
  find(at: BlockRef): BlockRecord | null | Promise<BlockRecord> {
    return isPending(at) ? this.#sealer.pending().then(({ record }) => record) : this.#core.find(at);
  }

  /** Returns the block with its state; throws geth's error when there is none. */
  executed(at: BlockRef): ExecutedBlock | Promise<ExecutedBlock> {
    if (isPending(at)) return this.#sealer.pending();
    const record = required(at, this.#core.find(at));
    return { record, world: this.#core.worldOf(record) };
  }

  /** Calls `read` with the state after a block; throws geth's error when there is none. */
  inState<T>(at: BlockRef, read: (world: World) => T): T | Promise<T> {
    const block = this.executed(at);
    const readIn = ({ world }: ExecutedBlock) => this.#core.loaded(() => read(world));
    return block instanceof Promise ? block.then(readIn) : readIn(block);
  }

  /** Returns the block; throws geth's error for reads of state when there is none. */
  async required(at: BlockRef): Promise<BlockRecord> {
    return required(at, await this.find(at));
  }

  /** Returns the context of a call at a block. */
  context(at: BlockRef): BlockContext | Promise<BlockContext> {
    const block = this.executed(at);
    return block instanceof Promise ? block.then((pending) => this.#contextOf(pending)) : this.#contextOf(block);
  }

  #contextOf({ record, world }: ExecutedBlock): BlockContext {
    return { world, env: this.#core.envOf(record.header) };
  }

  /** Returns the encoded forms of a block; null when there is none. */
  encoded(at: BlockRef): EncodedBlock | null | Promise<EncodedBlock> {
    if (isPending(at)) return this.#sealer.pending().then(({ record }) => this.#core.encoded.ofPending(record));
    const record = this.#core.find(at);
    return record === null ? null : this.#core.encoded.of(record);
  }
}

function required(at: BlockRef, record: BlockRecord | null): BlockRecord {
  if (record !== null) return record;
  throw serverError("hash" in at ? "header for hash not found" : "header not found");
}

export function isPending(at: BlockRef): boolean {
  return "tag" in at && at.tag === "pending";
}
