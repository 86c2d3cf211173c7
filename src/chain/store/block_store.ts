import type { Hash, LogCriteria } from "../../eth/types.ts";
import type { BlockRecord } from "./block_record.ts";
import type { ReservedRange } from "./reserved_range.ts";

/** The place of a mined transaction. */
export interface Location {
  readonly record: BlockRecord;
  readonly index: number;
}

/** A block, or a range of empty ones. */
export type Segment = BlockRecord | ReservedRange;

/** How many blocks that left the canonical chain stay readable by hash. */
export const MAX_ABANDONED_BLOCKS = 1024;

/** The blocks as others see them: they read them. */
export interface BlockReads {
  readonly head: BlockRecord;
  /** The lowest block. */
  readonly genesis: BlockRecord;
  /** The canonical block of a number. */
  at(number: bigint): BlockRecord | null;
  /** A block by hash, canonical or lately abandoned. */
  of(hash: Hash): BlockRecord | null;
  /** The range that a hash is of; null for a block of its own. */
  rangeOf(hash: Hash): ReservedRange | null;
  isCanonical(record: BlockRecord): boolean;
  parentOf(record: BlockRecord): BlockRecord | null;
  /** The canonical place of a mined transaction. */
  locate(hash: Hash): Location | null;
  /** The canonical chain from a number up, a range of empty blocks as one item. */
  segmentsFrom(number: bigint): Iterable<Segment>;
  /**
   * The canonical blocks of a range that may hold matching logs, ascending, with an undefined now and then while there is
   * none; null when no index narrows them.
   */
  withLogs(criteria: LogCriteria, range: BlockSpan): Iterable<BlockRecord | undefined> | null;
}

/** Block numbers, both ends included. */
export interface BlockSpan {
  readonly from: bigint;
  readonly to: bigint;
}

/** The blocks that an unwinding took off. */
export interface Unwound {
  /** The newest first. */
  readonly removed: readonly Segment[];
  /** Those that can no longer be read. */
  readonly forgotten: readonly Segment[];
}

/** The canonical chain, what left it lately, and the indexes into both. */
export interface BlockStore extends BlockReads {
  /** Makes `record` the head: one step, so that no reader sees half of it. */
  append(record: BlockRecord): void;
  /** Puts a range of empty blocks on top of the head. */
  reserve(range: ReservedRange): void;
  /** Takes off what is above a number, which stays readable by hash for a while. */
  unwindTo(number: bigint): Unwound;
}
