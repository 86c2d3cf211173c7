import type { Hash } from "../../eth/types.ts";
import type { BlockBytes, KeptBlock } from "./block_record.ts";

/** A sealed or imported block on disk. Ids grow along every chain: a child's is above its parent's. */
export interface StoredBlock extends KeptBlock {
  readonly id: number;
}

/** What an index is made of. */
export interface UnindexedBlock {
  readonly id: number;
  readonly hashes: readonly Hash[];
  /** As `encodeReceipts` writes them. */
  readonly receipts: Uint8Array;
}

/** The blocks on disk, as they are now: a commit is written there before it is made in memory. */
export interface BlockSource {
  /** The lowest block. */
  first(): StoredBlock;
  /** The highest canonical block that is not of a range of empty ones. */
  last(): StoredBlock;
  /** The canonical block of a number; undefined in a range of empty blocks. */
  at(number: bigint): StoredBlock | undefined;
  /** A block by hash, canonical or abandoned. */
  of(hash: Hash): StoredBlock | undefined;
  /** The block of an id if it is canonical. */
  canonical(id: number): StoredBlock | undefined;
  idOf(hash: Hash): number | undefined;
  /** The body and receipts of a block, read when they are asked for. */
  bytesOf(id: number): BlockBytes;
  /** The id of the lowest canonical block from a number up; undefined when there is none. */
  idFrom(number: bigint): number | undefined;
  /** The id of the highest canonical block up to a number; undefined when there is none. */
  idUpTo(number: bigint): number | undefined;
  /** What an index is made of, of the canonical blocks above an id, ascending. */
  unindexed(id: number): Iterable<UnindexedBlock>;
  readonly index: BlockIndex;
}

/** The place of a transaction: its block's id, and its index there. */
export interface TransactionPlace {
  readonly id: number;
  readonly index: number;
}

/** What an index is made of: `transactionKey` and `logKeys` of blocks, each with where it is. */
export interface IndexRows {
  readonly transactions: readonly (TransactionPlace & { readonly key: number })[];
  readonly logs: readonly { readonly key: number; readonly id: number }[];
}

/**
 * Where transactions and logs are. The newest blocks may not be there yet, and entries of blocks that were abandoned stay:
 * who reads an entry looks whether the block is canonical and has what is looked for.
 */
export interface BlockIndex {
  /** Blocks up to this id are there. */
  readonly indexedTo: number;
  /** Adds entries, and with `indexedTo` says that all up to there are there. */
  write(rows: IndexRows, indexedTo: number | undefined): void;
  /** Where transactions with a key are, the newest first. */
  places(key: number): Iterable<TransactionPlace>;
  /** The ids of blocks that have logs with a key, ascending, both ends included. */
  logIds(key: number, span: { readonly from: number; readonly to: number; readonly limit: number }): number[];
}
