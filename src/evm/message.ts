import { Hardfork } from "@ethereumjs/common";
import type { ExecResult, Log } from "@ethereumjs/evm";
import type { AccessListItem, Address, Authorization, Hash } from "../eth/types.ts";
import { applyAuthorizations } from "./authorization.ts";
import { checksumAddress } from "../primitives/checksum.ts";
import { haltText } from "./halt.ts";
import { floorDataGas, intrinsicGas } from "../primitives/intrinsic_gas.ts";
import { MAX_INIT_CODE_BYTES } from "../primitives/limits.ts";
import { delegateOf } from "../primitives/delegation.ts";
import { evmAddress, type Execution } from "./machine.ts";
import type { EvmLog } from "../primitives/receipt.ts";
import { preCheck, upFrontCost } from "./precheck.ts";
import { TransactionError } from "./transaction_error.ts";
import { bytesToHex } from "../primitives/hex.ts";

/** A transaction or call, ready to run (geth's core.Message). */
export interface Message {
  readonly from: Address;
  readonly to: Address | null;
  readonly nonce: bigint;
  readonly value: bigint;
  readonly gasLimit: bigint;
  /** What is paid per gas. */
  readonly gasPrice: bigint;
  readonly gasFeeCap: bigint;
  readonly gasTipCap: bigint;
  readonly data: Uint8Array;
  readonly accessList: readonly AccessListItem[];
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

/** How execution ended, when it did not succeed; the message is geth's vm error text. */
export interface VmError {
  readonly kind: "revert" | "outOfGas" | "other";
  readonly message: string;
}

export interface ApplyOptions {
  /** What is left of the block's gas; no limit when absent. */
  readonly gasAvailable?: bigint | undefined;
}

/** What a message did. */
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

const REFUND_QUOTIENT = 2n;
/** EIP-3529. */
const REFUND_QUOTIENT_LONDON = 5n;

/**
 * Runs a message by the rules of geth's core/state_transition.go on an execution, whose state keeps what it did. Throws
 * {@link TransactionError}, with the state unchanged, for a message that cannot be part of a block.
 */
export async function applyMessage(
  execution: Execution,
  message: Message,
  options: ApplyOptions = {},
): Promise<MessageResult> {
  const { state, vm } = execution;
  state.startTransaction();
  // The journal is new here: its touched set decides which empty accounts go, its warm set what access costs.
  vm.warmth.cleanJournal();
  state.mark();
  try {
    const result = await transition(execution, message, options);
    state.release();
    return result;
  } catch (error) {
    if (error instanceof TransactionError) state.rollback();
    throw error;
  }
}

async function transition(execution: Execution, message: Message, options: ApplyOptions): Promise<MessageResult> {
  const { state, vm, common } = execution;
  const { from, gasLimit, data, value, to } = message;
  preCheck(execution, message);
  const cost = upFrontCost(execution, message);
  if (options.gasAvailable !== undefined && gasLimit > options.gasAvailable) {
    throw new TransactionError("gasLimitReached", "gas limit reached");
  }
  state.setBalance(from, state.balance(from) - cost);

  const intrinsic = intrinsicGas(message, {
    homestead: common.gteHardfork(Hardfork.Homestead),
    istanbul: common.gteHardfork(Hardfork.Istanbul),
    shanghai: execution.has(3860),
  });
  if (gasLimit < intrinsic) {
    throw new TransactionError("intrinsicGas", `intrinsic gas too low: have ${gasLimit}, want ${intrinsic}`);
  }
  const floor = execution.has(7623) ? floorDataGas(data) : 0n;
  if (gasLimit < floor) {
    throw new TransactionError(
      "floorDataGas",
      `insufficient gas for floor data gas cost: have ${gasLimit}, want ${floor}`,
    );
  }
  if (value !== 0n && state.balance(from) < value) {
    throw new TransactionError(
      "insufficientFundsForTransfer",
      `insufficient funds for transfer: address ${checksumAddress(from)}`,
    );
  }
  if (to === null && execution.has(3860) && data.length > MAX_INIT_CODE_BYTES) {
    throw new TransactionError(
      "initCodeTooLarge",
      `max initcode size exceeded: code size ${data.length} limit ${MAX_INIT_CODE_BYTES}`,
    );
  }

  warmUp(execution, message);
  // Wraps round, as geth's uint64 does, where nothing checks nonces (simulation).
  state.setNonce(from, BigInt.asUintN(64, (state.account(from)?.nonce ?? 0n) + 1n));
  vm.warmth.touch(from);
  const authorizationRefund = await applyAuthorizations(execution, message.authorizations);
  if (to !== null && execution.has(7702)) {
    const target = delegateOf(state.account(to)?.code.bytes ?? new Uint8Array(0));
    if (target !== undefined) vm.warmth.warm(target);
  }

  const caller = evmAddress(from);
  const { execResult, createdAddress } = await vm.runCall({
    block: execution.block,
    caller,
    origin: caller,
    gasPrice: message.gasPrice,
    gasLimit: gasLimit - intrinsic,
    ...(to === null ? {} : { to: evmAddress(to) }),
    value,
    data,
    skipNonceIncrement: true,
    blobVersionedHashes: [...(message.blobHashes ?? [])],
  });

  const spent = intrinsic + execResult.executionGasUsed;
  const refundable = authorizationRefund + (execResult.gasRefund ?? 0n);
  const refundCap = spent / (execution.has(3529) ? REFUND_QUOTIENT_LONDON : REFUND_QUOTIENT);
  const afterRefund = spent - (refundable < refundCap ? refundable : refundCap);
  const gasUsed = afterRefund < floor ? floor : afterRefund;
  settle(execution, message, gasUsed);
  cleanUp(execution, execResult);
  return {
    gasUsed,
    maxUsedGas: spent < floor ? floor : spent,
    returnData: execResult.returnValue,
    logs: (execResult.logs ?? []).map(logOf),
    error: vmError(execResult, to === null),
    createdAddress: to === null && createdAddress !== undefined ? bytesToHex(createdAddress.bytes) : undefined,
  };
}

/** What costs less to access from the start (EIP-2929, EIP-2930, EIP-3651). */
function warmUp(execution: Execution, message: Message): void {
  if (!execution.has(2929)) return;
  const { warmth, builtInAddresses } = execution.vm;
  // The fork's own, whatever an override has moved (geth's Prepare).
  warmth.warmBuiltIn(builtInAddresses);
  warmth.warm(message.from);
  if (message.to !== null) warmth.warm(message.to);
  if (execution.has(3651)) warmth.warm(execution.env.coinbase);
  for (const item of message.accessList) {
    warmth.warm(item.address);
    for (const slot of item.storageKeys) warmth.warmSlot(item.address, BigInt(slot));
  }
}

/** Gives back unused gas and pays the miner. */
function settle(execution: Execution, message: Message, gasUsed: bigint): void {
  const { state, vm, env } = execution;
  const { from, gasPrice, gasFeeCap, gasTipCap } = message;
  state.setBalance(from, state.balance(from) + (message.gasLimit - gasUsed) * gasPrice);
  // A call that pays nothing touches the miner's account all the same, as in a real block.
  const isFree = message.noBaseFee && gasFeeCap === 0n && gasTipCap === 0n;
  const tip = isFree ? 0n : gasPrice - (env.baseFee ?? 0n);
  state.setBalance(env.coinbase, state.balance(env.coinbase) + gasUsed * tip);
  vm.warmth.touch(env.coinbase);
}

/** Removes what destroyed itself, and what is empty and was touched (EIP-161). */
function cleanUp(execution: Execution, result: ExecResult): void {
  const { state, vm } = execution;
  for (const address of result.selfdestruct?.keys() ?? []) {
    // From Cancun on only what the same transaction made goes (EIP-6780).
    const goes = !execution.has(6780) || result.createdAddresses?.has(address) === true;
    if (goes) state.setAccount(address as Address, undefined);
  }
  vm.warmth.endTransaction();
  vm.transientStorage.clear();
}

/** The fast loop leaves logs as they are wanted; the library's own instruction, which traced runs use, in its form. */
function logOf(log: EvmLog | Log): EvmLog {
  if (!Array.isArray(log)) return log as EvmLog;
  const [address, topics, data] = log;
  return { address: bytesToHex(address), topics: topics.map(bytesToHex), data };
}

function vmError({ exceptionError }: ExecResult, isCreation: boolean): VmError | undefined {
  if (exceptionError === undefined) return undefined;
  const text = haltText(exceptionError);
  if (exceptionError.error === "revert") return { kind: "revert", message: text };
  if (exceptionError.error === "out of gas") {
    return { kind: "outOfGas", message: isCreation && !("text" in exceptionError) ? CODE_STORE_OUT_OF_GAS : text };
  }
  return { kind: "other", message: text };
}

/** The library reports a deposit that could not be paid as any other shortage, but not from the loop. */
const CODE_STORE_OUT_OF_GAS = "contract creation code storage out of gas";
