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
    if (entry === undefined) return this.#make(record);
    this.#entries.delete(record);
    this.#entries.set(record, entry);
    return entry.wire;
  }

  /** The pending block: encoded for one answer, not kept. */
  ofPending(record: BlockRecord): BlockWire {
    return new BlockWire(record, { blobGasPrice: this.#blobGasPrice(record), pending: true, grow: () => {} });
  }

  /** Kept from the first text on that it encodes: most blocks are never asked for. */
  #make(record: BlockRecord): BlockWire {
    const wire: BlockWire = new BlockWire(record, {
      blobGasPrice: this.#blobGasPrice(record),
      pending: false,
      grow: (characters) => this.#grow({ record, wire, characters }),
    });
    return wire;
  }

  #grow({ record, wire, characters }: { record: BlockRecord; wire: BlockWire; characters: number }): void {
    let entry = this.#entries.get(record);
    if (entry === undefined) this.#entries.set(record, entry = { wire, characters: 0 });
    if (entry.wire !== wire) return;
    entry.characters += characters;
    this.#characters += characters;
    for (const [oldest, { characters: held }] of this.#entries) {
      if (this.#characters <= MAX_CACHED_CHARACTERS || oldest === record) break;
      this.#entries.delete(oldest);
      this.#characters -= held;
    }
  }
}
