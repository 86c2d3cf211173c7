import type { Address, Data, Hash, Withdrawal } from "../../eth/types.ts";
import type { World } from "../state/world.ts";
import type { Transaction } from "../transaction.ts";
import type { BlockEnv } from "./env.ts";
import type { Machine } from "./machine.ts";
import type { EvmLog, MessageResult } from "./message.ts";

/** A receipt before it knows its block. */
export interface ReceiptData {
  readonly type: number;
  /** Byzantium and later: true on success. Before: undefined, and `root` is there. */
  readonly status: boolean | undefined;
  /** The state root after the transaction, before Byzantium. */
  readonly root: Hash | undefined;
  readonly gasUsed: bigint;
  readonly cumulativeGasUsed: bigint;
  readonly logs: readonly EvmLog[];
  /** 256 bytes. */
  readonly bloom: Uint8Array;
  readonly contractAddress: Address | null;
  readonly effectiveGasPrice: bigint;
  /** Type 3 only, else 0. */
  readonly blobGasUsed: bigint;
}

export interface TransactionOutcome {
  readonly result: MessageResult;
  readonly receipt: ReceiptData;
}

export interface FinishOptions {
  /** Undefined before Shanghai. */
  readonly withdrawals?: readonly Withdrawal[] | undefined;
  /** Miners of uncles and their numbers: rewards before the merge. */
  readonly uncles?: readonly { readonly coinbase: Address; readonly number: bigint }[] | undefined;
}

export interface BlockOutcome {
  readonly world: World;
  readonly stateRoot: Hash;
  readonly receipts: readonly ReceiptData[];
  readonly receiptsRoot: Hash;
  readonly bloom: Uint8Array;
  readonly gasUsed: bigint;
  readonly blobGasUsed: bigint;
  /** EIP-7685, each with its type byte; undefined before Prague. */
  readonly requests: readonly Uint8Array[] | undefined;
  readonly requestsHash: Hash | undefined;
}

export interface BlockRunOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface TransactionRunOptions {
  /** Skips the checks of the sender's code and of the signature-bound fields (impersonation). */
  readonly skipTransactionChecks?: boolean;
}

/** The execution of one block: begin, any number of transactions, finish. Holds an EVM until finish or close. */
export class BlockRun {
  constructor(_machine: Machine, _world: World, _env: BlockEnv, _options: BlockRunOptions = {}) {
    throw new Error("skeleton");
  }

  /** The world as of now, all transactions so far included. */
  world(): World {
    throw new Error("skeleton");
  }

  get gasUsed(): bigint {
    throw new Error("skeleton");
  }

  get blobGasUsed(): bigint {
    throw new Error("skeleton");
  }

  /** The writes that precede the first transaction: EIP-4788 and EIP-2935. */
  begin(): Promise<void> {
    throw new Error("skeleton");
  }

  /** Runs a transaction; throws TransactionError, with the state unchanged, when it cannot be part of this block. */
  transaction(_tx: Transaction, _sender: Address, _options?: TransactionRunOptions): Promise<TransactionOutcome> {
    throw new Error("skeleton");
  }

  /** Withdrawals, requests and rewards; gives the EVM back. */
  finish(_options?: FinishOptions): Promise<BlockOutcome> {
    throw new Error("skeleton");
  }

  /** Gives the EVM back without a result. */
  close(): void {
    throw new Error("skeleton");
  }
}

/** The receipt in its consensus encoding (EIP-2718), as the receipts trie and debug_getRawReceipts have it. */
export function encodeReceipt(_receipt: ReceiptData): Uint8Array {
  throw new Error("skeleton");
}

export type { Data };
