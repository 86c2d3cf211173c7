import type { Hash } from "../eth/types.ts";
import type { BlockEvent, ChainEvent, ChainEventSource } from "../events/types.ts";
import { type Interest, NO_PARTS } from "../events/interest.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { BlockSource } from "./block_source.ts";
import type { ChainRing } from "./chain_ring.ts";
import { dropOldest } from "./drop_oldest.ts";

/** The number of pending transactions that are remembered, so that one of several upstreams is announced once. */
const MAX_PENDING = 32_768;

export interface UpstreamEventsOptions {
  readonly ring: ChainRing;
  /** Reads blocks that the ring does not keep from any upstream that has them. */
  readonly past: BlockSource;
  /** Called when another kind of pending transactions is wanted. */
  readonly onWant: (interest: Interest) => void;
}

/** The events of the upstreams as one stream: the gateway's own blocks, and older ones from any upstream that has them. */
export class UpstreamEvents implements ChainEventSource {
  readonly #options: UpstreamEventsOptions;
  readonly #listeners = new Set<(event: ChainEvent) => void>();
  readonly #announced = new Set<Hash>();
  #interest = NO_PARTS;

  constructor(options: UpstreamEventsOptions) {
    this.#options = options;
  }

  /** The parts of events that the subscribers want now. */
  get interest(): Interest {
    return this.#interest;
  }

  onEvent(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  want(interest: Interest): void {
    this.#interest = interest;
    this.#options.onWant(interest);
  }

  headNumber(): bigint {
    return this.#options.ring.head?.number ?? 0n;
  }

  async blockEventAt(number: bigint, parts: Interest): Promise<BlockEvent | null> {
    const { ring, past } = this.#options;
    const kept = ring.at(number);
    if (kept !== null && satisfies(kept, parts)) return kept;
    if (number > this.headNumber()) return null;
    const header = kept === null ? await past.headerAt(number) : await past.find(kept.hash);
    return header === null ? null : await past.event(header, !parts.receipts);
  }

  async blockEventOf(hash: Hash, parts: Interest): Promise<BlockEvent | null> {
    const { ring, past } = this.#options;
    const kept = ring.of(hash);
    if (kept !== null && satisfies(kept, parts)) return kept;
    const header = await past.find(hash);
    return header === null ? null : await past.event(header, !parts.receipts);
  }

  /** Returns 0, because blocks that are not kept here can be read from the upstreams. */
  oldestBlockEvent(): bigint {
    return 0n;
  }

  /** Emits one step of the chain. */
  emit(event: ChainEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Emits a transaction that an upstream announced, unless another did before. */
  pending(json: RawJson): void {
    const value = json.decode();
    const hash = (typeof value === "string" ? value : (value as { readonly hash?: unknown } | null)?.hash) as Hash;
    if (typeof hash !== "string" || this.#announced.has(hash)) return;
    this.#announced.add(hash);
    dropOldest(this.#announced, MAX_PENDING);
    this.emit({ kind: "pending", transaction: { hash, json: typeof value === "string" ? null : json } });
  }
}

function satisfies(block: BlockEvent, parts: Interest): boolean {
  return (!parts.logs || block.logs !== null) && (!parts.receipts || block.receipts !== null);
}
