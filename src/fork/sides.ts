import type { BlockRef } from "../eth/types.ts";
import type { EmbeddedChain } from "../chain/mod.ts";
import { NO_PARTS } from "../events/mod.ts";
import type { Header } from "../primitives/header.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { PinnedNode } from "../upstream/mod.ts";
import type { BlockPosition } from "./source.ts";

/** The other chain, up to the forked block. */
export interface Past {
  readonly block: BlockPosition & Pick<Header, "parentHash">;
  /** The upstreams, pinned to the block. */
  readonly remote: PinnedNode;
  /** The upstream's answer to eth_config at the start; null where it has none. */
  readonly config: RawJson | null;
}

/** What stands behind the roles now: a local chain, and what is below it; `past` is null for a chain of its own. */
export interface Standing {
  readonly local: EmbeddedChain;
  readonly past: Past | null;
}

/** A question about a block that the other chain answers, and the block's reference there. */
export interface Below {
  readonly remote: PinnedNode;
  readonly at: BlockRef;
}

/**
 * Decides on which side of the forked block a question is answered. The forked block itself has two sides: its transactions,
 * receipts and logs are the other chain's, and the state after it is the local one, where accounts were changed.
 */
export class Sides {
  readonly #standing: () => Standing;

  constructor(standing: () => Standing) {
    this.#standing = standing;
  }

  get local(): EmbeddedChain {
    return this.#standing().local;
  }

  get past(): Past | null {
    return this.#standing().past;
  }

  /** Returns how the other chain is asked about a block; null for a block of the local chain. */
  async ofBlock(at: BlockRef): Promise<Below | null> {
    const { local, past } = this.#standing();
    if (past === null) return null;
    const { block, remote } = past;
    const pinned: Below = { remote, at: { hash: block.hash, requireCanonical: false } };
    if ("number" in at) {
      if (at.number > block.number) return null;
      return at.number === block.number ? pinned : { remote, at };
    }
    if ("hash" in at) {
      if (at.hash === block.hash) return pinned;
      if (await local.events.blockEventOf(at.hash, NO_PARTS) !== null) return null;
      return await this.#isLater(at, past) ? null : { remote, at };
    }
    if (at.tag === "pending") return null;
    if (at.tag === "earliest") return block.number === 0n ? pinned : { remote, at };
    const number = at.tag === "finalized" ? await this.#finalized() : local.events.headNumber();
    return number === block.number ? pinned : null;
  }

  /** Returns how the other chain is asked about the state at a block; null where the state is a local one. */
  async ofState(at: BlockRef): Promise<Below | null> {
    const below = await this.ofBlock(at);
    const isForkBlock = below !== null && "hash" in below.at && below.at.hash === this.past?.block.hash;
    return isForkBlock ? null : below;
  }

  /** Returns the number of a block, `head` where it is not said; null for the pending block and an unknown hash. */
  async numberOf(at: BlockRef = { tag: "latest" }): Promise<bigint | null> {
    const { local } = this.#standing();
    if ("number" in at) return at.number;
    if ("hash" in at) return (await local.events.blockEventOf(at.hash, NO_PARTS))?.number ?? null;
    if (at.tag === "pending") return null;
    if (at.tag === "earliest") return this.past === null ? local.events.oldestBlockEvent() : 0n;
    return at.tag === "finalized" ? await this.#finalized() : local.events.headNumber();
  }

  /** The other chain has gone on since: its later blocks are none of this chain. */
  async #isLater(at: BlockRef, { block, remote }: Past): Promise<boolean> {
    const header = (await remote.blocks.header(at))?.decode() as { readonly number: string } | undefined;
    return header !== undefined && BigInt(header.number) > block.number;
  }

  async #finalized(): Promise<bigint> {
    const header = (await this.local.blocks.header({ tag: "finalized" }))?.decode() as { readonly number: string };
    return BigInt(header.number);
  }
}
