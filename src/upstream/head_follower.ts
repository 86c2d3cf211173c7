import type { BlockEvent, ChainEvent } from "../events/types.ts";
import type { BlockSource } from "./block_source.ts";
import type { ChainRing } from "./chain_ring.ts";
import type { UpstreamHeader } from "./head.ts";

/** The number of blocks that are read at once while a gap is filled. */
const CHUNK_BLOCKS = 100;
/** The longest gap that is announced block by block. */
export const MAX_GAP_BLOCKS = 8_192n;

/** The reports of the follower. */
export interface FollowerListener {
  /** Takes one step of the chain; the ring has it already. */
  event(event: ChainEvent): void;
  /** Called when the next block does not follow the last one: after a reorganisation below the ring, or too long a gap. */
  lost(reason: string): void;
  /** Called with the number of blocks that were fetched to fill a gap. */
  backfilled(blocks: number): void;
}

/** Moves the ring to a head of an upstream, block by block, and takes every abandoned block back on the way. */
export class HeadFollower {
  readonly #ring: ChainRing;
  readonly #listener: FollowerListener;

  constructor(ring: ChainRing, listener: FollowerListener) {
    this.#ring = ring;
    this.#listener = listener;
  }

  /**
   * Makes `target` the head. Rejects when the upstream fails on the way: the steps until then are complete, and any upstream
   * can be followed from there. `needless` is true when nobody reads the receipts of blocks without logs.
   */
  async follow(source: BlockSource, target: UpstreamHeader, needless: () => boolean): Promise<void> {
    const ring = this.#ring;
    if (ring.head === null) return this.#append(await source.event(target, needless()));
    if (ring.canonical(target.hash) !== null) return this.#unwindTo(target.hash);
    const path = await this.#pathTo(source, target);
    if (path === null) {
      const first = await source.event(target, needless());
      ring.clear();
      this.#listener.lost(`block ${target.number} does not join what was told before`);
      return this.#append(first);
    }
    const [first] = path;
    if (first === undefined) return this.#unwindTo(target.hash);
    for (let at = 0; at < path.length; at += CHUNK_BLOCKS) {
      const chunk = path.slice(at, at + CHUNK_BLOCKS);
      const events = await Promise.all(chunk.map((header) => source.event(header, needless())));
      if (at === 0) this.#unwindTo(first.parentHash);
      for (const event of events) this.#append(event);
      if (path.length > 1) this.#listener.backfilled(chunk.length);
    }
  }

  /**
   * Returns the headers from the first that the ring lacks up to `target`; none when it is below the head, and null when
   * they do not lead down to the ring.
   */
  async #pathTo(source: BlockSource, target: UpstreamHeader): Promise<UpstreamHeader[] | null> {
    const ring = this.#ring;
    const path = [target];
    for (;;) {
      const lowest = path[0] ?? target;
      if (ring.canonical(lowest.parentHash) !== null) return path;
      if (ring.canonical(target.hash) !== null) return [];
      if (target.number - lowest.number >= MAX_GAP_BLOCKS) return null;
      if (ring.oldest !== null && lowest.number <= ring.oldest) {
        if (!(await this.#deepen(source))) return null;
      } else path.unshift(...await this.#below(source, lowest));
    }
  }

  /**
   * Adds the parent of the oldest block to the ring, because a reorganisation may go below the block that was announced
   * first. Returns false when the ring is full, or the upstream no longer has the abandoned branch.
   */
  async #deepen(source: BlockSource): Promise<boolean> {
    const oldest = this.#ring.at(this.#ring.oldest ?? 0n);
    if (oldest === null || oldest.number === 0n || this.#ring.isFull) return false;
    const header = await source.find(oldest.parentHash);
    if (header === null) return false;
    this.#ring.prepend(await source.event(header));
    return true;
  }

  /** Returns some ancestors of a header, oldest first, at least its parent. */
  async #below(source: BlockSource, header: UpstreamHeader): Promise<UpstreamHeader[]> {
    const told = this.#ring.head?.number ?? 0n;
    const to = header.number - 1n;
    const from = to - BigInt(CHUNK_BLOCKS) + 1n > told ? to - BigInt(CHUNK_BLOCKS) + 1n : told + 1n;
    if (from < to) {
      const headers = await source.headers(from, to);
      // Numbers may lead to another branch while the upstream moves; only headers that join are kept.
      let expected = header.parentHash;
      const joined: UpstreamHeader[] = [];
      for (const candidate of headers.toReversed()) {
        if (candidate.hash !== expected) break;
        joined.unshift(candidate);
        expected = candidate.parentHash;
      }
      if (joined.length > 0) return joined;
    }
    return [await source.header(header.parentHash)];
  }

  #append(block: BlockEvent): void {
    this.#ring.append(block);
    this.#listener.event({ kind: "block", block });
  }

  #unwindTo(hash: string): void {
    while (this.#ring.head?.hash !== hash) this.#listener.event({ kind: "removed", block: this.#ring.removeHead() });
  }
}
