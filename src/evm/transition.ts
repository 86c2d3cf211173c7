import type { Address } from "../primitives/types.ts";
import { applyAuthorizations, authorityOf } from "./authorization.ts";
import { checksumAddress } from "../primitives/checksum.ts";
import { type HaltReason, haltText, isOutOfGas } from "./halt.ts";
import { floorDataGas, intrinsicGas } from "../primitives/intrinsic_gas.ts";
import { delegateOf } from "../primitives/delegation.ts";
import type { Execution } from "./execution.ts";
import { preCheck, upFrontCost } from "./precheck.ts";
import { TransactionError } from "./transaction_error.ts";
import { createdAddress } from "../primitives/created_address.ts";
import * as layout from "./core/layout.ts";
import type { RunResult } from "./run_result.ts";
import type { Message, MessageResult, VmError } from "./message.ts";

export interface ApplyOptions {
  /** The rest of the block's gas; no limit when absent. */
  readonly gasAvailable?: bigint | undefined;
  /** Nobody asks for the logs. */
  readonly skipsLogs?: boolean;
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
  const { state, rules } = execution;
  const { from, gasLimit, data, value, to } = message;
  if (state.world.base !== null) await execution.preload(addressesOf(execution, message), message.accessList);
  const cost = check(execution, message, options);
  const intrinsic = intrinsicGas({ ...message, accessList: message.accessList ?? [] }, {
    homestead: rules.has("homestead"),
    istanbul: rules.has("istanbul"),
    shanghai: execution.has(3860),
  });
  const floor = execution.has(7623) ? floorDataGas(data) : 0n;
  checkGas(execution, message, { cost, intrinsic, floor });

  execution.begin({ origin: from, gasPrice: message.gasPrice, blobHashes: message.blobHashes });
  if (cost !== 0n) state.setBalance(from, state.balance(from) - cost);
  warmUp(execution, message);
  const nonce = state.nonce(from);
  const created = to === null ? createdAddress(from, nonce) : undefined;
  // A creation counts the nonce itself. It wraps round, as geth's uint64 does, where nothing checks nonces (simulation).
  if (to !== null) state.setNonce(from, BigInt.asUintN(64, nonce + 1n));
  if (message.authorizations !== undefined) {
    execution.addRefund(await applyAuthorizations(execution, message.authorizations));
  }
  if (to !== null && execution.has(7702)) {
    const target = delegateOf(state.code(to).bytes);
    if (target !== undefined) state.warm(target);
  }
  const run = await execution.call({ from, to, created, gas: gasLimit - intrinsic, value, data });

  const spent = gasLimit - run.gasLeft;
  const refundCap = spent / (execution.has(3529) ? REFUND_QUOTIENT_LONDON : REFUND_QUOTIENT);
  const afterRefund = spent - (run.refund < refundCap ? run.refund : refundCap);
  const gasUsed = afterRefund < floor ? floor : afterRefund;
  settle(execution, message, gasUsed);
  execution.finish();
  return {
    gasUsed,
    maxUsedGas: spent < floor ? floor : spent,
    returnData: run.output,
    logs: options.skipsLogs === true ? [] : await execution.logs(),
    error: vmError(run),
    createdAddress: created,
  };
}

/** The accounts that a message reads outside of its frames. */
function addressesOf({ rules, env }: Execution, { from, to, authorizations = [] }: Message): Address[] {
  const authorities = authorizations.flatMap((each) => authorityOf(each, rules.chainId) ?? []);
  return [from, ...(to === null ? [] : [to]), env.coinbase, ...authorities];
}

/** Makes the checks before anything is paid; returns the amount that the sender pays up front. */
function check(execution: Execution, message: Message, { gasAvailable }: ApplyOptions): bigint {
  preCheck(execution, message);
  if (gasAvailable !== undefined && message.gasLimit > gasAvailable) {
    throw new TransactionError("gasLimitReached", "gas limit reached");
  }
  return upFrontCost(execution, message);
}

/** Makes the checks that geth makes once the gas is paid; nothing has been changed yet here. */
function checkGas(
  execution: Execution,
  { from, gasLimit, value }: Message,
  { cost, intrinsic, floor }: { cost: bigint; intrinsic: bigint; floor: bigint },
): void {
  if (gasLimit < intrinsic) {
    throw new TransactionError("intrinsicGas", `intrinsic gas too low: have ${gasLimit}, want ${intrinsic}`);
  }
  if (gasLimit < floor) {
    throw new TransactionError(
      "floorDataGas",
      `insufficient gas for floor data gas cost: have ${gasLimit}, want ${floor}`,
    );
  }
  if (value !== 0n && execution.state.balance(from) - cost < value) {
    throw new TransactionError(
      "insufficientFundsForTransfer",
      `insufficient funds for transfer: address ${checksumAddress(from)}`,
    );
  }
}

/** What costs less to access from the start (EIP-2929, EIP-2930, EIP-3651); precompiled contracts always do. */
function warmUp(execution: Execution, message: Message): void {
  if (!execution.has(2929)) return;
  const { state } = execution;
  state.warm(message.from);
  if (message.to !== null) state.warm(message.to);
  if (execution.has(3651)) state.warm(execution.env.coinbase);
  for (const item of message.accessList ?? []) {
    state.warm(item.address);
    for (const slot of item.storageKeys) state.warmSlot(item.address, BigInt(slot));
  }
}

/** Gives back unused gas and pays the miner. */
function settle(execution: Execution, message: Message, gasUsed: bigint): void {
  const { state, env } = execution;
  const { from, gasPrice, gasFeeCap, gasTipCap } = message;
  const rest = (message.gasLimit - gasUsed) * gasPrice;
  if (rest !== 0n) state.addBalance(from, rest);
  // A call that pays nothing touches the miner's account all the same, as in a real block.
  const isFree = message.noBaseFee && gasFeeCap === 0n && gasTipCap === 0n;
  state.addBalance(env.coinbase, isFree ? 0n : gasUsed * (gasPrice - (env.baseFee ?? 0n)));
}

function vmError({ halt }: RunResult): VmError | undefined {
  return halt === undefined ? undefined : { kind: kindOf(halt), message: haltText(halt) };
}

function kindOf({ code }: HaltReason): VmError["kind"] {
  if (code === layout.HALT_REVERT) return "revert";
  return isOutOfGas(code) ? "outOfGas" : "other";
}
