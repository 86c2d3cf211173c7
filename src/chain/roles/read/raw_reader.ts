import type { BlockRef, Data } from "../../../eth/types.ts";
import type { RawReader } from "../../../node/raw.ts";
import { encodeBlock } from "../../store/block_codec.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import { RawJson } from "../../../rpc/raw_json.ts";
import type { Blocks } from "./blocks.ts";
import { encodeReceipt } from "../../../primitives/receipt.ts";
import { encodeHeader } from "../../../primitives/header.ts";
import { bytesToHex } from "../../../primitives/hex.ts";

const NO_BLOCKS = RawJson.array([]);

/** Reads consensus encodings of blocks and receipts. */
export class EmbeddedRawReader implements RawReader {
  readonly #blocks: Blocks;

  constructor(blocks: Blocks) {
    this.#blocks = blocks;
  }

  async rawHeader(at: BlockRef): Promise<Data> {
    const record = await this.#find(at);
    return record === null ? "0x" : `0x${encodeHeader(record.header)}`;
  }

  async rawBlock(at: BlockRef): Promise<Data> {
    const record = await this.#find(at);
    return record === null ? "0x" : `0x${encodeBlock(record.header, record.body())}`;
  }

  async rawReceipts(at: BlockRef): Promise<RawJson> {
    const record = await this.#blocks.find(at);
    // geth looks receipts up by the hash alone, and finds none for an unknown hash.
    if (record === null) return RawJson.of("hash" in at ? [] : null);
    return RawJson.of(record.receipts().map((receipt) => bytesToHex(encodeReceipt(receipt))));
  }

  /** Returns none: a bad block ends the import of a file, and no peer sends blocks. */
  badBlocks(): RawJson {
    return NO_BLOCKS;
  }

  /** Returns the block as geth's DebugAPI does: nothing for an unknown number, and an error for an unknown hash. */
  #find(at: BlockRef): Promise<BlockRecord> | BlockRecord | null {
    return "number" in at ? this.#blocks.find(at) : this.#blocks.required(at);
  }
}
