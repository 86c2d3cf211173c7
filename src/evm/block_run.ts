import type { Address, Hash, Withdrawal } from "../eth/types.ts";
import { bloomOf } from "../primitives/bloom.ts";
import { orderedTrieRoot } from "../state/trie.ts";
import type { Misses } from "../state/base.ts";
import type { World } from "../state/world.ts";
import { BEACON_ROOTS, CONSOLIDATION_QUEUE, HISTORY_STORAGE, WITHDRAWAL_QUEUE } from "./system_contracts.ts";
import { type Transaction, TX_TYPE } from "../primitives/transaction.ts";
import type { BlockEnv } from "./env.ts";
import { haltText } from "./halt.ts";
import { InvalidBlockError } from "./invalid_block.ts";
import { checksumAddress } from "../primitives/checksum.ts";
import type { Execution } from "./execution.ts";
import type { Hooks } from "./hooks.ts";
import type { Machine } from "./machine.ts";
import type { Message, MessageResult } from "./message.ts";
import { applyMessage } from "./transition.ts";
import { encodeReceipt, type ReceiptData } from "../primitives/receipt.ts";
import { depositRequest, REQUEST_TYPE, requestsHashOf, withType } from "./requests.ts";
import { payMiners, payWithdrawals, type UncleMiner } from "./rewards.ts";
import { TransactionError } from "./transaction_error.ts";
import { hexToBytes } from "../primitives/hex.ts";
import { GAS_PER_BLOB } from "../primitives/limits.ts";

export interface TransactionOutcome {
  readonly result: MessageResult;
  readonly receipt: ReceiptData;
}

export interface FinishOptions {
  /** Undefined before Shanghai. */
  readonly withdrawals?: readonly Withdrawal[] | undefined;
  /** Uncles: rewards before the merge. */
  readonly uncles?: readonly UncleMiner[] | undefined;
}

export interface BlockOutcome {
  readonly world: World;
  readonly stateRoot: Hash;
  readonly receipts: readonly ReceiptData[];
  readonly receiptsRoot: Hash;
  readonly bloom: Uint8Array;
  readonly gasUsed: bigint;
  readonly blobGasUsed: bigint;
  /** EIP-7685, each with its type byte, empty ones left out; undefined before Prague. */
  readonly requests: readonly Uint8Array[] | undefined;
  readonly requestsHash: Hash | undefined;
}

export interface BlockRunOptions {
  readonly signal?: AbortSignal | undefined;
  /** The clock's time at which the run is ended. */
  readonly deadline?: number | undefined;
  /** Where an attempt notes what the world's base has yet to load (attempts.ts); a run without it waits. */
  readonly noted?: Misses | undefined;
}

export interface TransactionRunOptions {
  /** Skips the checks of EIP-3607 and EIP-7825 (impersonation). */
  readonly skipTransactionChecks?: boolean;
  /** Shows every instruction. */
  readonly trace?: Hooks | undefined;
}

const SYSTEM_ADDRESS: Address = "0xfffffffffffffffffffffffffffffffffffffffe";
const SYSTEM_CALL_GAS = 30_000_000n;
const REQUEST_CONTRACTS: readonly Address[] = [WITHDRAWAL_QUEUE.address, CONSOLIDATION_QUEUE.address];

/** The execution of one block: begin, any number of transactions, finish. Holds an EVM until finish or close. */
export class BlockRun {
  readonly env: BlockEnv;
  readonly #machine: Machine;
  readonly #options: BlockRunOptions;
  readonly #receipts: ReceiptData[] = [];
  #world: World;
  #execution: Execution | undefined;
  #gasUsed = 0n;
  #blobGasUsed = 0n;

  constructor(machine: Machine, world: World, env: BlockEnv, options: BlockRunOptions = {}) {
    this.env = env;
    this.#machine = machine;
    this.#world = world;
    this.#options = options;
  }

  get gasUsed(): bigint {
    return this.#gasUsed;
  }

  get blobGasUsed(): bigint {
    return this.#blobGasUsed;
  }

  get receipts(): readonly ReceiptData[] {
    return this.#receipts;
  }

  /** The world as of now, all transactions so far included. */
  world(): World {
    if (this.#execution !== undefined) this.#world = this.#execution.state.flush();
    return this.#world;
  }

  /** The EVM that the block runs on: for tracers, which listen to its frames. */
  execution(): Execution {
    if (this.#execution === undefined) {
      this.#execution = this.#machine.borrow(this.#world, this.env, this.#options);
    }
    return this.#execution;
  }

  /** The writes that precede the first transaction: EIP-4788 and EIP-2935. */
  async begin(): Promise<void> {
    const execution = this.execution();
    const { parentBeaconRoot, parentHash } = this.env;
    if (execution.has(4788) && parentBeaconRoot !== undefined) {
      await this.#systemCall(BEACON_ROOTS.address, hexToBytes(parentBeaconRoot));
    }
    if (execution.has(2935)) await this.#systemCall(HISTORY_STORAGE.address, hexToBytes(parentHash));
  }

  /**
   * Runs a transaction. Throws {@link TransactionError}, with the state unchanged, when it cannot be part of this block;
   * after any other error (an aborted run) only `close` is left.
   */
  async transaction(
    tx: Transaction,
    sender: Address,
    options: TransactionRunOptions = {},
  ): Promise<TransactionOutcome> {
    const execution = this.execution();
    const { blobs } = execution.rules;
    checkType(execution, tx.type);
    const blobGas = BigInt(tx.blobHashes.length) * GAS_PER_BLOB;
    if (blobGas !== 0n && this.#blobGasUsed + blobGas > BigInt(blobs?.max ?? 0) * GAS_PER_BLOB) {
      throw new TransactionError("blobGasLimitReached", "max data blobs reached");
    }
    const message = messageOf(tx, sender, { baseFee: this.env.baseFee, ...options });
    return await this.message(message, { type: tx.type, trace: options.trace });
  }

  /** Runs a message as a transaction of `type`, with no checks but those that it asks for itself (simulation). */
  async message(
    message: Message,
    options: { readonly type: number; readonly trace?: Hooks | undefined },
  ): Promise<TransactionOutcome> {
    const execution = this.execution();
    const blobGas = BigInt(message.blobHashes?.length ?? 0) * GAS_PER_BLOB;
    execution.trace(options.trace);
    const result = await applyMessage(execution, message, { gasAvailable: this.env.gasLimit - this.#gasUsed })
      .finally(() => execution.trace(undefined));
    this.#gasUsed += result.gasUsed;
    this.#blobGasUsed += blobGas;
    const hasStatus = execution.rules.has("byzantium");
    const receipt: ReceiptData = {
      type: options.type,
      status: hasStatus ? result.error === undefined : undefined,
      root: hasStatus ? undefined : this.world().root(),
      gasUsed: result.gasUsed,
      cumulativeGasUsed: this.#gasUsed,
      logs: result.logs,
      bloom: bloomOf(result.logs),
      contractAddress: result.createdAddress ?? null,
      effectiveGasPrice: message.gasPrice,
      blobGasUsed: blobGas,
    };
    this.#receipts.push(receipt);
    return { result, receipt };
  }

  /** Requests, withdrawals and rewards, in geth's order; gives the EVM back. */
  async finish(options: FinishOptions = {}): Promise<BlockOutcome> {
    const execution = this.execution();
    const { rules, state } = execution;
    const requests = execution.has(7685) ? await this.#requests(execution) : undefined;
    await execution.preload(beneficiaries(this.env, options));
    if (rules.has("paris")) payWithdrawals(state, options.withdrawals ?? []);
    else payMiners(state, { env: this.env, rules, uncles: options.uncles ?? [] });
    const world = this.world();
    this.close();
    const bloom = new Uint8Array(256);
    for (const receipt of this.#receipts) {
      if (receipt.logs.length === 0) continue;
      receipt.bloom.forEach((byte, index) => bloom[index] = (bloom[index] ?? 0) | byte);
    }
    return {
      world,
      stateRoot: world.root(),
      receipts: this.#receipts,
      receiptsRoot: orderedTrieRoot(this.#receipts.map(encodeReceipt)),
      bloom,
      gasUsed: this.#gasUsed,
      blobGasUsed: this.#blobGasUsed,
      requests,
      requestsHash: requests === undefined ? undefined : requestsHashOf(requests),
    };
  }

  /** Gives the EVM back without a result; a no-op when it has been. */
  close(): void {
    if (this.#execution === undefined) return;
    this.#machine.giveBack(this.#execution);
    this.#execution = undefined;
  }

  async #requests(execution: Execution): Promise<Uint8Array[]> {
    // Both at once, where the world's base has yet to load them.
    await execution.preload(REQUEST_CONTRACTS);
    const logs = this.#receipts.flatMap((receipt) => receipt.logs);
    const deposits = depositRequest(logs, execution.rules.depositContract);
    const requests = [
      withType(REQUEST_TYPE.deposit, deposits),
      execution.has(7002)
        ? withType(REQUEST_TYPE.withdrawal, await this.#requestCall(WITHDRAWAL_QUEUE.address))
        : undefined,
      execution.has(7251)
        ? withType(REQUEST_TYPE.consolidation, await this.#requestCall(CONSOLIDATION_QUEUE.address))
        : undefined,
    ];
    return requests.filter((request) => request !== undefined);
  }

  /** EIP-7002 and EIP-7251: a block is invalid when the contract is not there (geth's processRequestsSystemCall). */
  async #requestCall(to: Address): Promise<Uint8Array> {
    const execution = this.execution();
    if (execution.state.code(to).bytes.length === 0) {
      throw new InvalidBlockError(`empty system contract: no code at ${checksumAddress(to)}`);
    }
    return await this.#systemCall(to, NO_DATA);
  }

  /** A call by the protocol itself: no nonce, no fee, and no block without it. */
  async #systemCall(to: Address, data: Uint8Array): Promise<Uint8Array> {
    const execution = this.execution();
    execution.begin({ origin: SYSTEM_ADDRESS, gasPrice: 0n });
    execution.state.warm(to);
    const { halt, output } = await execution.call({
      ...{ from: SYSTEM_ADDRESS, to, gas: SYSTEM_CALL_GAS, value: 0n, data },
    });
    execution.finish();
    if (halt !== undefined) throw new InvalidBlockError(`system call failed to execute: ${haltText(halt)}`);
    return output;
  }
}

const NO_DATA = new Uint8Array(0);

/** Whom the end of a block may pay. */
function beneficiaries({ coinbase }: BlockEnv, { withdrawals, uncles }: FinishOptions): Address[] {
  const [withdrawers, miners] = [withdrawals ?? [], uncles ?? []];
  return [coinbase, ...withdrawers.map(({ address }) => address), ...miners.map((uncle) => uncle.coinbase)];
}

/** The EIP that brought each transaction type. */
const TYPE_EIP: { readonly [type: number]: number } = {
  [TX_TYPE.accessList]: 2930,
  [TX_TYPE.dynamicFee]: 1559,
  [TX_TYPE.blob]: 4844,
  [TX_TYPE.setCode]: 7702,
};

function checkType(execution: Execution, type: number): void {
  const eip = TYPE_EIP[type];
  if (type === TX_TYPE.legacy || (eip !== undefined && execution.has(eip))) return;
  throw new TransactionError("typeNotSupported", "transaction type not supported");
}

/** A transaction as the state transition takes it (geth's TransactionToMessage). */
export function messageOf(
  tx: Transaction,
  sender: Address,
  options: { readonly baseFee: bigint | undefined; readonly skipTransactionChecks?: boolean },
): Message {
  const { baseFee } = options;
  const wanted = baseFee === undefined ? tx.gasFeeCap : tx.gasTipCap + baseFee;
  return {
    from: sender,
    to: tx.to,
    nonce: tx.nonce,
    value: tx.value,
    gasLimit: tx.gasLimit,
    gasPrice: wanted < tx.gasFeeCap ? wanted : tx.gasFeeCap,
    gasFeeCap: tx.gasFeeCap,
    gasTipCap: tx.gasTipCap,
    data: tx.data,
    accessList: tx.type === TX_TYPE.legacy ? undefined : tx.accessList,
    blobFeeCap: tx.blobFeeCap,
    blobHashes: tx.type === TX_TYPE.blob ? tx.blobHashes : undefined,
    authorizations: tx.type === TX_TYPE.setCode ? tx.authorizations : undefined,
    skipNonceChecks: false,
    skipTransactionChecks: options.skipTransactionChecks ?? false,
    noBaseFee: false,
  };
}
