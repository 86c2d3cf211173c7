import type { BlockRecord } from "../store/block_record.ts";
import { BlockWire } from "./encoded_block.ts";

/** What is kept of encoded blocks: enough for the answers about the newest and the most read ones. */
const MAX_CACHED_BYTES = 48 * 1024 * 1024;

interface Entry {
  readonly wire: BlockWire;
  bytes: number;
}

/** The encoded blocks, least recently used ones dropped first: a block is encoded once and served many times. */
export class WireCache {
  readonly #blobGasPrice: (record: BlockRecord) => bigint | undefined;
  readonly #entries = new Map<BlockRecord, Entry>();
  #bytes = 0;

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
      grow: (bytes) => this.#grow({ record, wire, bytes }),
    });
    return wire;
  }

  #grow({ record, wire, bytes }: { record: BlockRecord; wire: BlockWire; bytes: number }): void {
    let entry = this.#entries.get(record);
    if (entry === undefined) this.#entries.set(record, entry = { wire, bytes: 0 });
    if (entry.wire !== wire) return;
    entry.bytes += bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes: held }] of this.#entries) {
      if (this.#bytes <= MAX_CACHED_BYTES || oldest === record) break;
      this.#entries.delete(oldest);
      this.#bytes -= held;
    }
  }
}
