import type { BlockRef, Data } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/**
 * Reads consensus encodings (debug_getRaw*). Of a number that does not exist there is nothing; a hash that does not
 * exist fails with geth's error.
 */
export interface RawReader {
  rawHeader(at: BlockRef): Awaitable<Data>;
  rawBlock(at: BlockRef): Awaitable<Data>;
  /** A list with one item for each receipt, as it is put in the receipt trie. */
  rawReceipts(at: BlockRef): Awaitable<RawJson>;
  /** The result of debug_getBadBlocks: the blocks that were refused lately. */
  badBlocks(): Awaitable<RawJson>;
}
