import type { BlockRef, Hash } from "../../eth/types.ts";
import type { BlockContext } from "../../evm/env.ts";
import type { BlockRecord } from "../store/block_record.ts";
import type { Rules } from "../../evm/forks.ts";
import type { Header } from "../../primitives/header.ts";

/** The chain as simulation and tracing look at it. */
export interface ChainView {
  /** The block of a reference, `pending` built on the pool; null when there is none. */
  record(at: BlockRef): Promise<BlockRecord | null>;
  /** As `record`; throws geth's `header not found` and its kin instead of null. */
  required(at: BlockRef): Promise<BlockRecord>;
  /** The parent of a block, abandoned ones included; null for block 0. */
  parentOf(record: BlockRecord): BlockRecord | null;
  /** Which block holds a mined transaction, and where in it. */
  locate(hash: Hash): { readonly record: BlockRecord; readonly index: number } | null;
  /** The state after a block and that block's values, for a call. */
  context(record: BlockRecord): BlockContext;
  /** The state before a block and that block's values, to run its transactions again. */
  replayContext(record: BlockRecord): BlockContext;
  /** The rules of a header. */
  rulesOf(header: Header): Rules;
  /** The rules of a child of `parent` at `timestamp`. */
  rulesAfter(parent: BlockRecord, timestamp: bigint): Rules;
}
