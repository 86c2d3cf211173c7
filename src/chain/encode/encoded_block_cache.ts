import type { BlockRecord } from "../store/block_record.ts";
import { EncodedBlock } from "./encoded_block.ts";

/** The encoded blocks that are kept: enough for the answers about the newest and the most read ones. */
const MAX_CACHED_BYTES = 48 * 1024 * 1024;

interface Entry {
  readonly encoded: EncodedBlock;
  bytes: number;
}

/** The encoded blocks, least recently used ones dropped first: a block is encoded once and served many times. */
export class EncodedBlockCache {
  readonly #blobGasPrice: (record: BlockRecord) => bigint | undefined;
  readonly #entries = new Map<BlockRecord, Entry>();
  #bytes = 0;

  constructor(blobGasPrice: (record: BlockRecord) => bigint | undefined) {
    this.#blobGasPrice = blobGasPrice;
  }

  of(record: BlockRecord): EncodedBlock {
    const entry = this.#entries.get(record);
    if (entry === undefined) return this.#make(record);
    this.#entries.delete(record);
    this.#entries.set(record, entry);
    return entry.encoded;
  }

  /** The pending block: encoded for one answer, not kept. */
  ofPending(record: BlockRecord): EncodedBlock {
    return new EncodedBlock(record, { blobGasPrice: this.#blobGasPrice(record), pending: true, grow: () => {} });
  }

  /** Kept from the first text on that it encodes: most blocks are never asked for. */
  #make(record: BlockRecord): EncodedBlock {
    const encoded: EncodedBlock = new EncodedBlock(record, {
      blobGasPrice: this.#blobGasPrice(record),
      pending: false,
      grow: (bytes) => this.#grow({ record, encoded, bytes }),
    });
    return encoded;
  }

  #grow({ record, encoded, bytes }: { record: BlockRecord; encoded: EncodedBlock; bytes: number }): void {
    let entry = this.#entries.get(record);
    if (entry === undefined) this.#entries.set(record, entry = { encoded, bytes: 0 });
    if (entry.encoded !== encoded) return;
    entry.bytes += bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes: held }] of this.#entries) {
      if (this.#bytes <= MAX_CACHED_BYTES || oldest === record) break;
      this.#entries.delete(oldest);
      this.#bytes -= held;
    }
  }
}
