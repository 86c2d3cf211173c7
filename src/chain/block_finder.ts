import type { BlockRef } from "../eth/types.ts";
import { serverError } from "../rpc/error.ts";
import type { BlockRecord } from "./block_record.ts";
import type { ChainCore } from "./core.ts";
import type { BlockContext } from "./evm/executor.ts";
import type { Sealer } from "./sealer.ts";
import type { BlockWire } from "./wire/block_wire.ts";

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

  /** The block; what geth answers to reads of state when there is none. */
  async required(at: BlockRef): Promise<BlockRecord> {
    const record = await this.find(at);
    if (record !== null) return record;
    throw serverError("hash" in at ? "header for hash not found" : "header not found");
  }

  /** Where a call at a block runs. */
  context(at: BlockRef): BlockContext | Promise<BlockContext> {
    // Without a promise for blocks that are there: eth_call of the head is the most frequent of all.
    if (isPending(at)) return this.#sealer.pending().then((record) => this.#core.context(record));
    const record = this.#core.find(at);
    if (record !== null) return this.#core.context(record);
    throw serverError("hash" in at ? "header for hash not found" : "header not found");
  }

  /** The encoded forms of a block. */
  wire(at: BlockRef): BlockWire | null | Promise<BlockWire> {
    if (isPending(at)) return this.#sealer.pending().then((record) => this.#core.wires.ofPending(record));
    const record = this.#core.find(at);
    return record === null ? null : this.#core.wires.of(record);
  }
}

export function isPending(at: BlockRef): boolean {
  return "tag" in at && at.tag === "pending";
}
