import { EVMError, type Log } from "@ethereumjs/evm";
import type { Address } from "../eth/types.ts";
import { Halt } from "./halt.ts";
import type { Frame } from "./library.ts";
import type { EvmLog } from "../primitives/receipt.ts";
import { readWord, type Registers } from "./registers.ts";
import type { Vm } from "./vm.ts";
import { addressHex, wordHex } from "../primitives/hex.ts";

/** geth's core/vm/gas_table.go, makeGasSStoreFunc. */
export const REENTRANCY_SENTRY_TEXT = "out of gas: not enough gas for reentrancy sentry";
const MESSAGES = EVMError.errorMessages;

/** EIP-2929. */
const COLD_SLOAD_GAS = 2_100;
const WARM_READ_GAS = 100;
/** EIP-2200. */
const SSTORE_SENTRY_GAS = 2_300;
const SSTORE_SET_GAS = 20_000;
const SSTORE_RESET_GAS = 5_000;

/** The word at an offset of read-only bytes; past the end they read as zeros. */
export function loadWord(bytes: Uint8Array, offset: bigint): bigint {
  if (offset >= BigInt(bytes.length)) return 0n;
  const start = Number(offset);
  if (start + 32 <= bytes.length) {
    return readWord(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start);
  }
  return BigInt(`0x${bytes.subarray(start, start + 32).toHex().padEnd(64, "0")}`);
}

/** Copies a range into memory; past the end of the source come zeros. */
export function copyPadded(
  memory: Uint8Array,
  at: number,
  { source, from, size }: { source: Uint8Array; from: bigint; size: number },
): void {
  const start = from >= BigInt(source.length) ? source.length : Number(from);
  const available = Math.min(size, source.length - start);
  memory.set(source.subarray(start, start + available), at);
  if (available < size) memory.fill(0, at + available, at + size);
}

/** What a read of a slot costs beyond the constant fee, and warms the slot (EIP-2929). */
export function sloadGas(vm: Vm, address: Address, slot: bigint): number {
  if (!vm.ops.hasAccessLists) return 0;
  return vm.warmth.touchSlot(address, slot) ? WARM_READ_GAS : COLD_SLOAD_GAS;
}

const ADDRESS_MASK = (1n << 160n) - 1n;
const COLD_ACCOUNT_GAS = 2_600;

/** The address that a word names, paid for and warmed (EIP-2929). */
export function accessAccount(vm: Vm, registers: Registers, word: bigint): Address {
  const address = addressHex(word & ADDRESS_MASK);
  registers.use(vm.warmth.touchAddress(address) ? WARM_READ_GAS : COLD_ACCOUNT_GAS);
  return address;
}

/** EXTCODEHASH: zero for what does not exist or is empty (EIP-1052). */
export function codeHashWord(vm: Vm, address: Address): bigint {
  const account = vm.state.account(address);
  if (account === undefined) return 0n;
  const isEmpty = account.nonce === 0n && account.balance === 0n && account.code.bytes.length === 0;
  return isEmpty ? 0n : BigInt(account.code.hash);
}

/** Writes a slot and charges for it (EIP-2200 as EIP-2929 and EIP-3529 changed it; geth's makeGasSStoreFunc). */
export function sstore(
  frame: Frame,
  vm: Vm,
  { registers, slot, value }: { registers: Registers; slot: bigint; value: bigint },
): void {
  if (frame._env.isStatic) throw new Halt(MESSAGES.STATIC_STATE_CHANGE, "write protection");
  if (registers.gas <= SSTORE_SENTRY_GAS) {
    throw new Halt(MESSAGES.OUT_OF_GAS, REENTRANCY_SENTRY_TEXT);
  }
  const { address } = registers;
  const { clearRefund } = vm.ops;
  let gas = vm.warmth.touchSlot(address, slot) ? 0 : COLD_SLOAD_GAS;
  let refund = 0;
  const current = vm.state.slot(address, slot);
  if (current === value) {
    registers.use(gas + WARM_READ_GAS);
    return;
  }
  const original = vm.state.originalSlot(address, slot);
  if (original === current) {
    gas += original === 0n ? SSTORE_SET_GAS : SSTORE_RESET_GAS - COLD_SLOAD_GAS;
    if (original !== 0n && value === 0n) refund = clearRefund;
  } else {
    gas += WARM_READ_GAS;
    if (original !== 0n) {
      if (current === 0n) refund -= clearRefund;
      else if (value === 0n) refund += clearRefund;
    }
    if (original === value) {
      refund += (original === 0n ? SSTORE_SET_GAS : SSTORE_RESET_GAS - COLD_SLOAD_GAS) - WARM_READ_GAS;
    }
  }
  // geth counts the refund before the gas is paid; a frame that cannot pay loses its refund with everything else.
  registers.use(gas);
  if (refund !== 0) frame._runState.gasRefund += BigInt(refund);
  vm.state.setSlot(address, slot, value);
}

/** Reads (without a value) or writes transient storage (EIP-1153). */
export function transient(frame: Frame, vm: Vm, { slot, value }: { slot: bigint; value?: bigint }): bigint {
  const { address } = frame._env;
  const key = Uint8Array.fromHex(wordHex(slot).slice(2));
  if (value === undefined) {
    const bytes = vm.transientStorage.get(address, key);
    return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
  }
  if (frame._env.isStatic) throw new Halt(MESSAGES.STATIC_STATE_CHANGE, "write protection");
  vm.transientStorage.put(address, key, Uint8Array.fromHex(wordHex(value).slice(2)));
  return value;
}

/** Adds a log; as the chain has it, since the library only hands logs on. */
export function logEntry(
  frame: Frame,
  vm: Vm,
  log: { address: Address; stack: readonly bigint[]; top: number; topics: number; data: Uint8Array },
): void {
  const topics = Array.from({ length: log.topics }, (_, index) => wordHex(log.stack[log.top - 1 - index] ?? 0n));
  const entry: EvmLog = { address: log.address, topics, data: log.data };
  frame._result.logs.push(entry as unknown as Log);
  vm.onLog?.(entry);
}
