import type { Address, BlockRef, Data, Hash } from "../eth/types.ts";
import type { RawJson } from "../rpc/raw_json.ts";

/** A page of accounts. */
export interface AccountPage {
  /** The first hashed address, any bytes; the first account of all when empty. */
  readonly start: Data;
  /** How many accounts; 256 at most, and when it is 0 or less. */
  readonly max: number;
  readonly withCode: boolean;
  readonly withStorage: boolean;
  readonly signal: AbortSignal;
}

/** A page of the slots of an account, as they are before a transaction of the block. */
export interface SlotPage {
  /** The position of the transaction. */
  readonly index: number;
  readonly address: Address;
  /** The first hashed key, any bytes. */
  readonly start: Data;
  readonly max: number;
  readonly signal: AbortSignal;
}

/** Two blocks; without `end`, the block `start` and its parent. */
export interface BlockSpan<Ref> {
  readonly start: Ref;
  readonly end: Ref | undefined;
  readonly signal: AbortSignal;
}

/** Reads whole states and does not change them (geth's eth/api_debug.go). */
export interface Inspector {
  /** The result of debug_accountRange and debug_dumpBlock: `{root, accounts, next}`, by checksummed address. */
  accounts(at: BlockRef, page: AccountPage): Promise<RawJson>;
  /** The result of debug_storageRangeAt: `{storage, nextKey}`, by hashed key. */
  storage(at: BlockRef, page: SlotPage): Promise<RawJson>;
  /** A list of the accounts that differ after two blocks, given by their numbers. */
  modifiedByNumber(span: BlockSpan<bigint>): Promise<RawJson>;
  /** The same of blocks given by their hashes. */
  modifiedByHash(span: BlockSpan<Hash>): Promise<RawJson>;
  /** The first block of a range whose state is kept, a JSON integer; the last block of the range is not looked at. */
  accessibleState(from: BlockRef, to: BlockRef): Promise<RawJson>;
}
