import type { BlockEvent, ChainEvent } from "../events/types.ts";
import type { BlockSource } from "./block_source.ts";
import type { ChainRing } from "./chain_ring.ts";
import type { UpstreamHeader } from "./head.ts";

/** Blocks asked for at once while a gap is filled. */
const CHUNK_BLOCKS = 100;
/** A longer gap is not told block by block. */
export const MAX_GAP_BLOCKS = 8_192n;

/** What the follower tells. */
export interface FollowerListener {
  /** One step of the chain; the ring has it already. */
  event(event: ChainEvent): void;
  /** What was told before and what comes next do not join: a reorganisation below the ring, or too long a gap. */
  lost(reason: string): void;
  /** So many blocks were fetched to fill a gap. */
  backfilled(blocks: number): void;
}

/** Leads the ring to a head of an upstream, block by block, with every block that was taken back in between. */
export class HeadFollower {
  readonly #ring: ChainRing;
  readonly #listener: FollowerListener;

  constructor(ring: ChainRing, listener: FollowerListener) {
    this.#ring = ring;
    this.#listener = listener;
  }

  /**
   * Makes `target` the head. Rejects when the upstream fails on the way: whatever was told until then is whole, and any
   * upstream can be followed from there. `needless` says whether receipts of blocks without logs are read by nobody.
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

  /** The headers from the first that the ring lacks up to `target`, none when it is below the head; null when they do not lead down to the ring. */
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
   * Adds the parent of the oldest block to the ring: a reorganisation may go below the block that was told first. False when
   * the ring is full, or the upstream has forgotten the abandoned branch.
   */
  async #deepen(source: BlockSource): Promise<boolean> {
    const oldest = this.#ring.at(this.#ring.oldest ?? 0n);
    if (oldest === null || oldest.number === 0n || this.#ring.isFull) return false;
    const header = await source.find(oldest.parentHash);
    if (header === null) return false;
    this.#ring.prepend(await source.event(header));
    return true;
  }

  /** Some ancestors of a header, oldest first, at least its parent. */
  async #below(source: BlockSource, header: UpstreamHeader): Promise<UpstreamHeader[]> {
    const told = this.#ring.head?.number ?? 0n;
    const to = header.number - 1n;
    const from = to - BigInt(CHUNK_BLOCKS) + 1n > told ? to - BigInt(CHUNK_BLOCKS) + 1n : told + 1n;
    if (from < to) {
      const headers = await source.headers(from, to);
      // Numbers may lead to another branch while the upstream moves; what joins is kept.
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
