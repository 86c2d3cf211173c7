import type { Address, Data, Hash } from "../eth/types.ts";

/** A block header as its bytes say; the optional fields appear with their forks and never leave again. */
export interface Header {
  readonly parentHash: Hash;
  readonly unclesHash: Hash;
  readonly coinbase: Address;
  readonly stateRoot: Hash;
  readonly transactionsRoot: Hash;
  readonly receiptsRoot: Hash;
  readonly logsBloom: Data;
  readonly difficulty: bigint;
  readonly number: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly extraData: Data;
  /** PREVRANDAO after the merge (EIP-4399). */
  readonly mixHash: Hash;
  readonly nonce: Data;
  /** London, EIP-1559. */
  readonly baseFeePerGas?: bigint;
  /** Shanghai, EIP-4895. */
  readonly withdrawalsRoot?: Hash;
  /** Cancun, EIP-4844. */
  readonly blobGasUsed?: bigint;
  readonly excessBlobGas?: bigint;
  /** Cancun, EIP-4788. */
  readonly parentBeaconBlockRoot?: Hash;
  /** Prague, EIP-7685. */
  readonly requestsHash?: Hash;
}
