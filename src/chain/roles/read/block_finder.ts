import type { BlockRef } from "../../../eth/types.ts";
import { serverError } from "../../../rpc/error.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import { type ChainCore, worldOf } from "../../core/core.ts";
import type { BlockContext } from "../../../evm/env.ts";
import type { Sealer } from "../../seal/sealer.ts";
import type { World } from "../../../state/world.ts";
import type { BlockWire } from "../../encode/encoded_block.ts";

/** Resolves block references, the pending block included. */
export class BlockFinder {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;

  constructor(core: ChainCore, sealer: Sealer) {
    this.#core = core;
    this.#sealer = sealer;
  }

  /** The block, null when there is none: what reads of blocks answer with null. */
  find(at: BlockRef): BlockRecord | null | Promise<BlockRecord> {
    return isPending(at) ? this.#sealer.pending() : this.#core.find(at);
  }

  /** What `read` makes of the state after a block, at once for those that are there; geth's error when it is not. */
  inState<T>(at: BlockRef, read: (world: World) => T): T | Promise<T> {
    if (isPending(at)) return this.#sealer.pending().then((record) => read(worldOf(record)));
    return read(worldOf(required(at, this.#core.find(at))));
  }

  /** The block; geth's error for reads of state when there is none. */
  async required(at: BlockRef): Promise<BlockRecord> {
    return required(at, await this.find(at));
  }

  /** Where a call at a block runs. */
  context(at: BlockRef): BlockContext | Promise<BlockContext> {
    // Without a promise for blocks that are there: eth_call of the head is the most frequent of all.
    if (isPending(at)) return this.#sealer.pending().then((record) => this.#core.context(record));
    return this.#core.context(required(at, this.#core.find(at)));
  }

  /** The encoded forms of a block. */
  wire(at: BlockRef): BlockWire | null | Promise<BlockWire> {
    if (isPending(at)) return this.#sealer.pending().then((record) => this.#core.wires.ofPending(record));
    const record = this.#core.find(at);
    return record === null ? null : this.#core.wires.of(record);
  }
}

function required(at: BlockRef, record: BlockRecord | null): BlockRecord {
  if (record !== null) return record;
  throw serverError("hash" in at ? "header for hash not found" : "header not found");
}

export function isPending(at: BlockRef): boolean {
  return "tag" in at && at.tag === "pending";
}
