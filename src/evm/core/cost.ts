/**
 * What an instruction costs beside the constant part of the fork's table (geth's gas functions, core/vm/gas_table.go and
 * operations_acl.go). Nothing is changed here: a traced run asks before the instruction runs. `halt` tells why there is no
 * price.
 */
import * as accounts from "./accounts";
import { frame } from "./heap";
import {
  ACCOUNT_BALANCE,
  FLAG_EIP150,
  FLAG_EIP161,
  FLAG_EIP2929,
  FLAG_EIP7702,
  FLAG_NET_SSTORE,
  FRAME_ACCOUNT,
  FRAME_GAS,
  FRAME_IS_STATIC,
  HALT_GAS_OVERFLOW,
  HALT_GAS_WRITE_PROTECTION,
  HALT_INIT_CODE_SIZE,
  HALT_NONE,
  HALT_PART_OUT_OF_GAS,
  HALT_SENTRY,
  HALT_SIZE_OVERFLOW,
  KIND_CALL,
  KIND_CALLCODE,
  KIND_CREATE2,
  RULE_COLD_ACCOUNT,
  RULE_COLD_SLOT,
  RULE_EXP_BYTE,
  RULE_INIT_CODE_WORD,
  RULE_MAX_INIT_CODE_BYTES,
  RULE_SELFDESTRUCT,
  RULE_SELFDESTRUCT_REFUND,
  RULE_SSTORE_NOOP,
  RULE_SSTORE_REFUND,
  RULE_SSTORE_RESET,
  RULE_SSTORE_SENTRY,
  RULE_SSTORE_SET,
  RULE_WARM,
  SLOT_VALUE,
} from "./layout";
import { endOf, growthCost, LARGEST, OVERFLOW } from "./memory";
import { has, rule } from "./rules";
import { detail } from "./run";
import * as slots from "./slots";
import { byteLength, isEqual, isShort, isZero } from "./words";

const KECCAK_WORD_GAS: u64 = 6;
const COPY_WORD_GAS: u64 = 3;
const LOG_GAS: u64 = 375;
const LOG_TOPIC_GAS: u64 = 375;
const LOG_BYTE_GAS: u64 = 8;
const EXP_GAS: u64 = 10;
const CALL_VALUE_GAS: u64 = 9_000;
const NEW_ACCOUNT_GAS: u64 = 25_000;

/** Why there is no price; 0 when there is one. */
export let halt: u32 = HALT_NONE;
/** Where the memory that the instruction needs ends. */
export let end: u64 = 0;
/** What a call hands on, its stipend not counted. */
export let forwarded: u64 = 0;
/** What the instruction adds to the gas to refund. */
export let refund: i64 = 0;

/** Before a traced run looks at a price: most instructions hand on nothing and refund nothing. */
export function beginStep(): void {
  halt = HALT_NONE;
  forwarded = 0;
  refund = 0;
}

function fail(reason: u32): u64 {
  halt = reason;
  return 0;
}

function gasLeft(): u64 {
  return load<u64>(frame, FRAME_GAS);
}

function isStatic(): bool {
  return load<u32>(frame, FRAME_IS_STATIC) != 0;
}

/** Of memory that reaches to `to`. */
function memoryCost(to: u64): u64 {
  halt = HALT_NONE;
  end = to;
  if (to == OVERFLOW || to > 0xffffffffffffffe0) return fail(HALT_SIZE_OVERFLOW);
  if (to > LARGEST) return fail(HALT_GAS_OVERFLOW);
  return growthCost(to);
}

/** Of an instruction that only needs memory. */
export function range(offset: usize, size: usize): u64 {
  return memoryCost(endOf(offset, size));
}

export function fixedRange(offset: usize, bytes: u64): u64 {
  if (!isShort(offset)) return memoryCost(OVERFLOW);
  const to = load<u64>(offset) + bytes;
  return memoryCost(to < bytes ? OVERFLOW : to);
}

/** Of an instruction that also takes something for each word of the range. */
function rangeOfWords(offset: usize, size: usize, wordGas: u64): u64 {
  const gas = range(offset, size);
  // A range that fits memory is short enough for the product.
  return halt != HALT_NONE ? 0 : gas + ((load<u64>(size) + 31) >> 5) * wordGas;
}

export function keccak(offset: usize, size: usize): u64 {
  return rangeOfWords(offset, size, KECCAK_WORD_GAS);
}

export function copying(offset: usize, size: usize): u64 {
  return rangeOfWords(offset, size, COPY_WORD_GAS);
}

/** MCOPY needs memory to the end of the further range. */
export function memoryCopying(to: usize, from: usize, size: usize): u64 {
  const isFromFurther = !isShort(from) || (isShort(to) && load<u64>(from) > load<u64>(to));
  return copying(isFromFurther ? from : to, size);
}

export function log(offset: usize, size: usize, topics: u64): u64 {
  const gas = range(offset, size);
  return halt != HALT_NONE ? 0 : gas + LOG_GAS + topics * LOG_TOPIC_GAS + load<u64>(size) * LOG_BYTE_GAS;
}

export function power(exponent: usize): u64 {
  halt = HALT_NONE;
  return EXP_GAS + byteLength(exponent) * <u64> rule(RULE_EXP_BYTE);
}

/** What access to an account costs more than to a warm one (EIP-2929). */

export function coldAccount(account: usize): u64 {
  halt = HALT_NONE;
  return !has(FLAG_EIP2929) || accounts.isWarm(account) ? 0 : <u64> rule(RULE_COLD_ACCOUNT) - <u64> rule(RULE_WARM);
}

export function extCodeCopy(account: usize, to: usize, size: usize): u64 {
  const gas = copying(to, size);
  if (halt != HALT_NONE) return 0;
  return gas + coldAccount(account);
}

/** 0 before EIP-2929: then the table has the whole price. */

export function slotLoad(slot: usize): u64 {
  halt = HALT_NONE;
  if (!has(FLAG_EIP2929)) return 0;
  return <u64> rule(slots.isWarm(slot) ? RULE_WARM : RULE_COLD_SLOT);
}

/** Of SSTORE, before the slot is looked at. */
export function slotStoreRefused(): bool {
  halt = HALT_NONE;
  if (isStatic()) halt = HALT_GAS_WRITE_PROTECTION;
  else if (gasLeft() <= <u64> rule(RULE_SSTORE_SENTRY) && rule(RULE_SSTORE_SENTRY) != 0) halt = HALT_SENTRY;
  return halt != HALT_NONE;
}

export function slotStore(slot: usize, value: usize): u64 {
  const current = slot + SLOT_VALUE;
  refund = 0;
  const noop = <u64> rule(RULE_SSTORE_NOOP), toSet = <u64> rule(RULE_SSTORE_SET), reset = <u64> rule(RULE_SSTORE_RESET);
  const clearing = <i64> rule(RULE_SSTORE_REFUND);
  const isValueZero = isZero(value), isCurrentZero = isZero(current);
  if (!has(FLAG_NET_SSTORE)) {
    if (isCurrentZero && !isValueZero) return toSet;
    if (!isCurrentZero && isValueZero) refund = clearing;
    return reset;
  }
  const cold: u64 = has(FLAG_EIP2929) && !slots.isWarm(slot) ? <u64> rule(RULE_COLD_SLOT) : 0;
  if (isEqual(current, value)) return cold + noop;
  const original = slots.originalOf(slot);
  const isOriginalZero = isZero(original);
  if (isEqual(original, current)) {
    if (isOriginalZero) return cold + toSet;
    if (isValueZero) refund = clearing;
    return cold + reset;
  }
  if (!isOriginalZero) {
    if (isCurrentZero) refund -= clearing;
    else if (isValueZero) refund += clearing;
  }
  if (isEqual(original, value)) refund += <i64> (isOriginalZero ? toSet : reset) - <i64> noop;
  return cold + noop;
}

/** Of CALL and its like; the arguments are where the stack has them. The accounts that it looks at are known. */
export function call(kind: u32, top: usize, account: usize): u64 {
  const hasValue = kind == KIND_CALL || kind == KIND_CALLCODE;
  const ranges = top - (hasValue ? 128 : 96);
  const outEnd = endOf(ranges - 64, ranges - 96), inEnd = endOf(ranges, ranges - 32);
  const memoryGas = memoryCost(outEnd > inEnd ? outEnd : inEnd);
  const isLarge = halt == HALT_GAS_OVERFLOW;
  if (halt != HALT_NONE && !isLarge) return 0;
  const movesValue = hasValue && !isZero(top - 96);
  // geth looks at this first, and at the size of the memory that is too large after the account's access.
  if (kind == KIND_CALL && movesValue && isStatic()) return fail(HALT_GAS_WRITE_PROTECTION);
  const available = gasLeft();
  const cold = coldAccount(account);
  if (available < cold) return fail(HALT_PART_OUT_OF_GAS);
  if (isLarge) return fail(HALT_GAS_OVERFLOW);
  let cost = cold + memoryGas + (movesValue ? CALL_VALUE_GAS : 0);
  if (kind == KIND_CALL) {
    if (available < cost) return fail(HALT_PART_OUT_OF_GAS);
    const makesAccount = has(FLAG_EIP161) ? movesValue && accounts.isEmpty(account) : !accounts.exists(account);
    if (makesAccount) cost += NEW_ACCOUNT_GAS;
  }
  if (has(FLAG_EIP7702)) {
    if (available < cost) return fail(HALT_PART_OUT_OF_GAS);
    const target = accounts.delegateOf(account);
    if (target != 0) {
      cost += accounts.isWarm(target) || target == account ? <u64> rule(RULE_WARM) : <u64> rule(RULE_COLD_ACCOUNT);
      if (available < cost) return fail(HALT_PART_OUT_OF_GAS);
    }
  }
  const wanted = top - 32;
  if (has(FLAG_EIP150)) {
    // Where the rest does not even pay for this, it wraps round, as geth's does: the price is too high in any case.
    const rest = available - cost, most = rest - (rest >> 6);
    forwarded = !isShort(wanted) || most < load<u64>(wanted) ? most : load<u64>(wanted);
    if (cost + forwarded < cost) return fail(HALT_GAS_OVERFLOW);
  } else {
    if (!isShort(wanted)) return fail(HALT_GAS_OVERFLOW);
    forwarded = load<u64>(wanted);
    if (cost + forwarded < cost) return fail(HALT_GAS_OVERFLOW);
  }
  return cost + forwarded;
}

export function creation(kind: u32, top: usize): u64 {
  const offset = top - 64, size = top - 96;
  const gas = range(offset, size);
  if (halt == HALT_SIZE_OVERFLOW) return 0;
  if (isStatic()) return fail(HALT_GAS_WRITE_PROTECTION);
  if (halt != HALT_NONE) return 0;
  const most = <u64> rule(RULE_MAX_INIT_CODE_BYTES), bytes = load<u64>(size);
  if (most != 0 && bytes > most) {
    detail(bytes, most);
    return fail(HALT_INIT_CODE_SIZE);
  }
  const wordGas = <u64> rule(RULE_INIT_CODE_WORD) + (kind == KIND_CREATE2 ? KECCAK_WORD_GAS : 0);
  return gas + ((bytes + 31) >> 5) * wordGas;
}

export function selfDestruct(heir: usize): u64 {
  halt = HALT_NONE;
  refund = 0;
  if (isStatic()) return fail(HALT_GAS_WRITE_PROTECTION);
  const account: usize = load<u32>(frame, FRAME_ACCOUNT);
  let gas: u64 = <u64> rule(RULE_SELFDESTRUCT);
  if (has(FLAG_EIP2929) && !accounts.isWarm(heir)) {
    gas = <u64> rule(RULE_COLD_ACCOUNT);
    if (gasLeft() < gas) return fail(HALT_PART_OUT_OF_GAS);
  }
  if (has(FLAG_EIP150)) {
    const makesAccount = has(FLAG_EIP161)
      ? accounts.isEmpty(heir) && !isZero(account + ACCOUNT_BALANCE)
      : !accounts.exists(heir);
    if (makesAccount) gas += NEW_ACCOUNT_GAS;
  }
  if (!accounts.isDestroyed(account)) refund = <i64> rule(RULE_SELFDESTRUCT_REFUND);
  return gas;
}
