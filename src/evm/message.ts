import type { AccessListItem, Address, Authorization, Hash } from "../eth/types.ts";
import type { EvmLog } from "../primitives/receipt.ts";

/** A transaction or call, ready to run (geth's core.Message). */
export interface Message {
  readonly from: Address;
  readonly to: Address | null;
  readonly nonce: bigint;
  readonly value: bigint;
  readonly gasLimit: bigint;
  /** The price per gas. */
  readonly gasPrice: bigint;
  readonly gasFeeCap: bigint;
  readonly gasTipCap: bigint;
  readonly data: Uint8Array;
  /** Undefined unless the caller gave one, even an empty one. */
  readonly accessList: readonly AccessListItem[] | undefined;
  readonly blobFeeCap: bigint;
  /** Undefined unless a blob transaction. */
  readonly blobHashes: readonly Hash[] | undefined;
  /** Undefined unless a set-code transaction. */
  readonly authorizations: readonly Authorization[] | undefined;
  /** Skips the nonce checks (calls). */
  readonly skipNonceChecks: boolean;
  /** Skips EIP-3607 and EIP-7825 (calls, impersonated senders). */
  readonly skipTransactionChecks: boolean;
  /** Skips the fee checks when all fee fields are zero (geth's vm.Config.NoBaseFee). */
  readonly noBaseFee: boolean;
}

/** The error of an execution that did not succeed; the message is geth's vm error text. */
export interface VmError {
  readonly kind: "revert" | "outOfGas" | "other";
  readonly message: string;
}

/** The result of a message. */
export interface MessageResult {
  /** Gas paid for, after refunds and the floor of EIP-7623. */
  readonly gasUsed: bigint;
  /** The most gas that was needed at any moment: what estimation starts from. */
  readonly maxUsedGas: bigint;
  /** Return or revert data. */
  readonly returnData: Uint8Array;
  readonly logs: readonly EvmLog[];
  /** Undefined on success. */
  readonly error: VmError | undefined;
  /** The contract that a creation made (also when it failed). */
  readonly createdAddress: Address | undefined;
}
