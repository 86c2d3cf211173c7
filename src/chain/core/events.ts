import type { Hash } from "../../eth/types.ts";
import { type BlockEvent, type ChainEvent, type ChainEventSource, type Interest, NO_PARTS } from "../../events/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { ReservedRange } from "../store/reserved_range.ts";
import type { BlockReads, Segment } from "../store/block_store.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { EncodedBlockCache } from "../encode/encoded_block_cache.ts";

/** The embedded chain as a source of events. It encodes a part of an event only when a subscriber wants that part. */
export class ChainEvents implements ChainEventSource {
  readonly #blocks: BlockReads;
  readonly #encoded: EncodedBlockCache;
  readonly #listeners = new Set<(event: ChainEvent) => void>();
  #interest = NO_PARTS;

  constructor(blocks: BlockReads, encoded: EncodedBlockCache) {
    this.#blocks = blocks;
    this.#encoded = encoded;
  }

  onEvent(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  want(interest: Interest): void {
    this.#interest = interest;
  }

  /** True while somebody is notified of every block. */
  get tellsBlocks(): boolean {
    return this.#interest.blocks;
  }

  headNumber(): bigint {
    return this.#blocks.head.number;
  }

  blockEventAt(number: bigint, parts: Interest): BlockEvent | null {
    const record = this.#blocks.at(number);
    return record === null ? null : this.#eventOf(record, parts);
  }

  blockEventOf(hash: Hash, parts: Interest): BlockEvent | null {
    const record = this.#blocks.of(hash);
    return record === null ? null : this.#eventOf(record, parts);
  }

  oldestBlockEvent(): bigint {
    return this.#blocks.genesis.number;
  }

  /** Emits a transaction that entered the pool; reads its JSON only when somebody wants it. */
  pending(transaction: { readonly hash: Hash; readonly json: RawJson }): void {
    const { pending } = this.#interest;
    if (pending === "none") return;
    const { hash } = transaction;
    this.#emit({ kind: "pending", transaction: { hash, json: pending === "whole" ? transaction.json : null } });
  }

  block(record: BlockRecord): void {
    this.#emit({ kind: "block", block: this.#eventOf(record, this.#interest) });
  }

  /** Emits a range of empty blocks, each where somebody is notified of blocks, else nothing: the next block tells. */
  reserved(range: ReservedRange): void {
    if (!this.#interest.blocks) return;
    for (let number = range.first; number <= range.last; number++) this.block(range.at(number));
  }

  /**
   * Emits a removal; of a range of empty blocks, of which those from `lowest` up were removed, only that of the lowest:
   * the others hold nothing to take back.
   */
  removed(segment: Segment, lowest: bigint): void {
    const record = "last" in segment ? segment.at(segment.first > lowest ? segment.first : lowest) : segment;
    this.#emit({ kind: "removed", block: this.#eventOf(record, this.#interest) });
  }

  #eventOf(record: BlockRecord, { headers, logs, receipts }: Interest): BlockEvent {
    const { header: { number, parentHash }, hash } = record;
    // Encoded blocks are cached, so a block that nobody wants a part of does not take a place there.
    if (!headers && !logs && !receipts) return { number, hash, parentHash, header: null, logs: null, receipts: null };
    const encoded = this.#encoded.of(record);
    return {
      number,
      hash,
      parentHash,
      header: headers ? encoded.newHead() : null,
      logs: logs ? encoded.logs() : null,
      receipts: receipts ? encoded.receiptEvents() : null,
    };
  }

  #emit(event: ChainEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
