import type { RawJson } from "../rpc/raw_json.ts";
import type { Address, Data, Hash, Withdrawal } from "../eth/types.ts";

/** The block that testing_buildBlockV1 is asked for (the Engine API's PayloadAttributesV3, and more). */
export interface BuildRequest {
  readonly timestamp: bigint;
  readonly prevRandao: Hash;
  readonly suggestedFeeRecipient: Address;
  readonly withdrawals: readonly Withdrawal[] | undefined;
  readonly parentBeaconBlockRoot: Hash | undefined;
  /** Signed bytes, all of which must fit; null takes the pool's. */
  readonly transactions: readonly Data[] | null;
  readonly extraData: Data | undefined;
}

/** Builds blocks from given parts. */
export interface BlockBuilder {
  /** The Engine API's execution payload envelope of a block on top of `parent`, which must be the head. */
  buildBlock(parent: Hash, request: BuildRequest): Promise<RawJson>;
  /** Builds such a block on the head and makes it the head; answers its hash. */
  commitBlock(request: BuildRequest): Promise<Hash>;
}
