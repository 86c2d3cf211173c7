import type { BlockRecord } from "../block_record.ts";
import { BlockWire } from "./block_wire.ts";

/** Encoded text that is kept, in characters: enough for the answers about the newest and the most read blocks. */
const MAX_CACHED_CHARACTERS = 48 * 1024 * 1024;

interface Entry {
  readonly wire: BlockWire;
  characters: number;
}

/** The encoded blocks, least recently used ones dropped first: a block is encoded once and served many times. */
export class WireCache {
  readonly #blobGasPrice: (record: BlockRecord) => bigint | undefined;
  readonly #entries = new Map<BlockRecord, Entry>();
  #characters = 0;

  constructor(blobGasPrice: (record: BlockRecord) => bigint | undefined) {
    this.#blobGasPrice = blobGasPrice;
  }

  of(record: BlockRecord): BlockWire {
    const entry = this.#entries.get(record);
    if (entry === undefined) return this.#add(record);
    this.#entries.delete(record);
    this.#entries.set(record, entry);
    return entry.wire;
  }

  /** The pending block: encoded for one answer, not kept. */
  ofPending(record: BlockRecord): BlockWire {
    return new BlockWire(record, { blobGasPrice: this.#blobGasPrice(record), pending: true, grow: () => {} });
  }

  #add(record: BlockRecord): BlockWire {
    const wire = new BlockWire(record, {
      blobGasPrice: this.#blobGasPrice(record),
      pending: false,
      grow: (characters) => this.#grow(record, characters),
    });
    this.#entries.set(record, { wire, characters: 0 });
    return wire;
  }

  #grow(record: BlockRecord, characters: number): void {
    const entry = this.#entries.get(record);
    if (entry === undefined) return;
    entry.characters += characters;
    this.#characters += characters;
    for (const [oldest, { characters: held }] of this.#entries) {
      if (this.#characters <= MAX_CACHED_CHARACTERS || oldest === record) break;
      this.#entries.delete(oldest);
      this.#characters -= held;
    }
  }
}
