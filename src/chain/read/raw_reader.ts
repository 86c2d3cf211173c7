import type { BlockRef, Data } from "../../eth/types.ts";
import type { RawReader } from "../../node/pool.ts";
import { encodeBlock } from "../block_codec.ts";
import type { BlockFinder } from "../block_finder.ts";
import { encodeReceipt } from "../evm/block_run.ts";
import { encodeHeader } from "../header.ts";
import { data } from "../hex.ts";

/** Consensus encodings of blocks and receipts. */
export class EmbeddedRawReader implements RawReader {
  readonly #blocks: BlockFinder;

  constructor(blocks: BlockFinder) {
    this.#blocks = blocks;
  }

  async rawHeader(at: BlockRef): Promise<Data> {
    return `0x${encodeHeader((await this.#blocks.required(at)).header)}`;
  }

  async rawBlock(at: BlockRef): Promise<Data> {
    const record = await this.#blocks.required(at);
    return `0x${encodeBlock(record.header, record.body())}`;
  }

  async rawReceipts(at: BlockRef): Promise<readonly Data[]> {
    const record = await this.#blocks.required(at);
    return record.receipts().map((receipt) => data(encodeReceipt(receipt)));
  }
}
