import type { Address, Data, Hash, Hex } from "../../../eth/types.ts";

/** An account as anvil's SerializableAccountRecord has it. */
export interface DumpedAccount {
  readonly nonce: number | bigint | string;
  readonly balance: string;
  readonly code?: Data;
  readonly storage?: { readonly [slot: Hex]: Hex };
}

/** The state after an old block, as anvil's StateSnapshot has it. */
export interface DumpedState {
  readonly accounts: {
    readonly [address: Address]: {
      readonly nonce: number | bigint | string;
      readonly balance: string;
      readonly code_hash: Hash;
      readonly code?: Partial<Record<string, unknown>> | null;
    };
  };
  readonly storage: { readonly [address: Address]: { readonly [slot: Hex]: Hex } };
  readonly block_hashes: Record<never, never>;
}

/** One block in consensus encodings, with facts that these lack. anvil has no such member and ignores it. */
export interface DumpedBlock {
  readonly block: Data;
  readonly receipts: Data;
  readonly senders: readonly Address[];
  /** The transactions without a signature of their sender. */
  readonly impersonated: readonly number[];
}

/** A range of empty blocks: its first header, the number of blocks, the seconds between them, and their gas ceiling. */
export interface DumpedRange {
  readonly reserved: Data;
  readonly count: Hex;
  readonly step: Hex;
  readonly gasCeiling: Hex;
}

/** The parts of anvil's SerializableState that are read here, and this program's own. */
export interface Dump {
  readonly block?: { readonly timestamp?: string | number } | null;
  readonly accounts: { readonly [address: string]: DumpedAccount };
  readonly historical_states?: readonly (readonly [blockHash: Hash, state: DumpedState])[] | null;
  readonly sallyport?: { readonly chainId: Hex; readonly blocks: readonly (DumpedBlock | DumpedRange)[] };
}

export const GZIP_MAGIC = 0x1f;
/** The most bytes of an inflated dump. */
export const MAX_STATE_BYTES = 512 * 1024 * 1024;
