import type { BlockEvent, ChainEvent, ChainEventSource, Hash, PendingTransactionEvent } from "../../eth/types.ts";
import type { ChainStore } from "../store/block_store.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { WireCache } from "../encode/encoded_block_cache.ts";

/** Tells listeners of each step of the chain, and of the past for as long as it is kept. */
export class ChainEvents implements ChainEventSource {
  readonly #store: () => ChainStore;
  readonly #wires: WireCache;
  readonly #listeners = new Set<(event: ChainEvent) => void>();

  constructor(store: () => ChainStore, wires: WireCache) {
    this.#store = store;
    this.#wires = wires;
  }

  onEvent(listener: (event: ChainEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  headNumber(): bigint {
    return this.#store().head.number;
  }

  blockEventAt(number: bigint): BlockEvent | null {
    const record = this.#store().at(number);
    return record === null ? null : this.#wires.of(record).event();
  }

  blockEventOf(hash: Hash): BlockEvent | null {
    const record = this.#store().of(hash);
    return record === null ? null : this.#wires.of(record).event();
  }

  oldestBlockEvent(): bigint {
    return this.#store().genesis.number;
  }

  pending(transaction: PendingTransactionEvent): void {
    this.#emit({ kind: "pending", transaction });
  }

  block(record: BlockRecord): void {
    this.#emit({ kind: "block", block: this.#wires.of(record).event() });
  }

  removed(record: BlockRecord): void {
    this.#emit({ kind: "removed", block: this.#wires.of(record).event() });
  }

  #emit(event: ChainEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
