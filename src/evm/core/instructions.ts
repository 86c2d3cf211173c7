/**
 * The instructions that the loop does not run itself: they look at accounts, slots, code or long memory. Each finds its
 * arguments where the stack ends, and leaves its result in the frame's stack; the loop has put its registers into the frame
 * before, and takes them from there afterwards. An instruction that wants something of the host changes nothing before.
 */
import * as accounts from "./accounts";
import * as calls from "./calls";
import { create } from "./creations";
import * as cost from "./cost";
import { want } from "./frames";
import { frame, memories } from "./heap";
import * as keccak from "./keccak";
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  CODE_LENGTH,
  CODE_START,
  ENV_NUMBER,
  EXIT_BLOCK_HASH,
  FLAG_EIP2929,
  FLAG_EIP6780,
  FRAME_ACCOUNT,
  FRAME_CODE,
  FRAME_CODE_BYTES,
  FRAME_INPUT,
  FRAME_INPUT_BYTES,
  FRAME_IS_STATIC,
  FRAME_MEMORY,
  FRAME_SP,
  HALT_NONE,
  HALT_OUT_OF_GAS,
  HALT_RETURN_DATA,
  HALT_WRITE_PROTECTION,
  KIND_CALL,
  KIND_CALLCODE,
  KIND_CREATE,
  KIND_CREATE2,
  KIND_DELEGATECALL,
  KIND_STATICCALL,
  OUT_BALANCE,
  OUT_NUMBER,
  OUT_POINTER,
  SLOT_VALUE,
  TRACE_LOGS,
} from "./layout";
import * as logs from "./logs";
import { at, charge, copyPadded, grow } from "./memory";
import * as op from "./opcodes";
import * as output from "./output";
import { has } from "./rules";
import { end, GO_ON, NEW_PHASE, PHASE_HASH, refund, setPhase, setRefund, traced } from "./run";
import * as slots from "./slots";
import * as arithmetic from "./arithmetic";
import * as words from "./words";

/** Longer ranges are hashed in parts, with control back between them. */
const MAX_HASHED: u64 = 1 << 17;
const HASHED_PART: usize = 136 << 9;
const HISTORY: u64 = 256;

/** A log was made, or an account destroyed itself: what a traced run is told of when the instruction is done. */
export const SHOW_LOG: i32 = -2;
export const SHOW_DESTRUCT: i32 = -3;

function setTop(sp: usize): void {
  store<u32>(frame, sp, FRAME_SP);
}

function self(): usize {
  return load<u32>(frame, FRAME_ACCOUNT);
}

/** Pays, and grows the memory that was paid for. False when the frame has ended for it. */
function pay(price: u64): bool {
  if (cost.halt != HALT_NONE) {
    end(cost.halt);
    return false;
  }
  if (!charge(price)) {
    end(HALT_OUT_OF_GAS);
    return false;
  }
  return true;
}

/** Pays for memory that a range of the loop's own instructions needs, and grows it. */
export function growFor(offset: usize, bytes: u64): i32 {
  if (!pay(cost.fixedRange(offset, bytes))) return NEW_PHASE;
  grow(cost.end);
  return GO_ON;
}

export function run(opcode: u32, sp: usize): i32 {
  switch (opcode) {
    case op.EXP:
      return power(sp);
    case op.KECCAK256:
      return hash(sp);
    case op.BALANCE:
    case op.EXTCODESIZE:
    case op.EXTCODEHASH:
      return lookAtAccount(opcode, sp);
    case op.CALLDATACOPY:
    case op.CODECOPY:
      return copyHere(opcode, sp);
    case op.RETURNDATACOPY:
      return copyOutput(sp);
    case op.MCOPY:
      return copyMemory(sp);
    case op.EXTCODECOPY:
      return copyCode(sp);
    case op.BLOCKHASH:
      return blockHash(sp);
    case op.SLOAD:
      return loadSlot(sp);
    case op.SSTORE:
      return storeSlot(sp);
    case op.TLOAD:
      slots.loadTransient(self(), sp - 32);
      return GO_ON;
    case op.TSTORE:
      if (load<u32>(frame, FRAME_IS_STATIC) != 0) return end(HALT_WRITE_PROTECTION);
      slots.storeTransient(self(), sp - 32, sp - 64);
      setTop(sp - 64);
      return GO_ON;
    case op.LOG0:
    case op.LOG0 + 1:
    case op.LOG0 + 2:
    case op.LOG0 + 3:
    case op.LOG0 + 4:
      return log(opcode - op.LOG0, sp);
    case op.CREATE:
      return create(KIND_CREATE, sp);
    case op.CREATE2:
      return create(KIND_CREATE2, sp);
    case op.CALL:
      return calls.call(KIND_CALL, sp);
    case op.CALLCODE:
      return calls.call(KIND_CALLCODE, sp);
    case op.DELEGATECALL:
      return calls.call(KIND_DELEGATECALL, sp);
    case op.STATICCALL:
      return calls.call(KIND_STATICCALL, sp);
    default:
      return selfDestruct(sp);
  }
}

function power(sp: usize): i32 {
  if (!pay(cost.power(sp - 64))) return NEW_PHASE;
  arithmetic.power(sp - 32, sp - 64);
  setTop(sp - 32);
  return GO_ON;
}

function hash(sp: usize): i32 {
  const offset = sp - 32, size = sp - 64;
  if (!pay(cost.keccak(offset, size))) return NEW_PHASE;
  grow(cost.end);
  const bytes = load<u64>(size);
  if (bytes > MAX_HASHED) {
    keccak.begin();
    setPhase(PHASE_HASH);
    return NEW_PHASE;
  }
  keccak.keccak256(at(offset), <usize> bytes, size);
  words.fromBytes(size, size);
  setTop(sp - 32);
  return GO_ON;
}

/** Hashes the next part of a long range; true when it was the last. The stack's offset and size move along. */
export function hashPart(): bool {
  const sp: usize = load<u32>(frame, FRAME_SP), offset = sp - 32, size = sp - 64;
  const bytes = load<u64>(size);
  if (bytes > <u64> HASHED_PART) {
    keccak.absorb(at(offset), HASHED_PART);
    store<u64>(offset, load<u64>(offset) + HASHED_PART);
    store<u64>(size, bytes - HASHED_PART);
    return false;
  }
  const from = at(offset), whole = <usize> bytes - <usize> bytes % 136;
  keccak.absorb(from, whole);
  keccak.finish(from + whole, <usize> bytes - whole, size);
  words.fromBytes(size, size);
  setTop(sp - 32);
  return true;
}

function lookAtAccount(opcode: u32, sp: usize): i32 {
  const word = sp - 32, account = accounts.accountAt(word);
  if (!accounts.isLoaded(account)) return want(account);
  if (opcode == op.EXTCODESIZE && !accounts.isCodeLoaded(account)) return want(account);
  if (!pay(cost.coldAccount(account))) return NEW_PHASE;
  if (has(FLAG_EIP2929)) accounts.warm(account);
  if (opcode == op.BALANCE) words.copy(word, account + ACCOUNT_BALANCE);
  else if (opcode == op.EXTCODESIZE) {
    const code: usize = load<u32>(account, ACCOUNT_CODE);
    words.set(word, code == 0 ? 0 : load<u32>(code, CODE_LENGTH));
  } else if (accounts.isEmpty(account)) words.clear(word);
  else words.fromBytes(word, account + ACCOUNT_CODE_HASH);
  return GO_ON;
}

function copyHere(opcode: u32, sp: usize): i32 {
  const to = sp - 32, size = sp - 96;
  if (!pay(cost.copying(to, size))) return NEW_PHASE;
  grow(cost.end);
  const isInput = opcode == op.CALLDATACOPY;
  const from: usize = isInput ? memories + load<u32>(frame, FRAME_INPUT) : load<u32>(frame, FRAME_CODE);
  const bytes: usize = isInput ? load<u32>(frame, FRAME_INPUT_BYTES) : load<u32>(frame, FRAME_CODE_BYTES);
  copyPadded(at(to), from, bytes, sp - 64, size);
  setTop(sp - 96);
  return GO_ON;
}

function copyOutput(sp: usize): i32 {
  const to = sp - 32, from = sp - 64, size = sp - 96;
  if (!pay(cost.copying(to, size))) return NEW_PHASE;
  const start = load<u64>(from), last = start + load<u64>(size);
  if (!words.isShort(from) || last < start || last > <u64> output.size) return end(HALT_RETURN_DATA);
  grow(cost.end);
  const bytes = <usize> load<u64>(size);
  // Even a copy of nothing must not begin outside of the memory, and an empty range may.
  if (bytes != 0) memory.copy(at(to), output.start + <usize> start, bytes);
  setTop(sp - 96);
  return GO_ON;
}

function copyMemory(sp: usize): i32 {
  const to = sp - 32, from = sp - 64, size = sp - 96;
  if (!pay(cost.memoryCopying(to, from, size))) return NEW_PHASE;
  grow(cost.end);
  const bytes = <usize> load<u64>(size);
  if (bytes != 0) memory.copy(at(to), at(from), bytes);
  setTop(sp - 96);
  return GO_ON;
}

function copyCode(sp: usize): i32 {
  const account = accounts.accountAt(sp - 32), to = sp - 64, size = sp - 128;
  if (!accounts.isLoaded(account) || !accounts.isCodeLoaded(account)) return want(account);
  if (!pay(cost.extCodeCopy(account, to, size))) return NEW_PHASE;
  if (has(FLAG_EIP2929)) accounts.warm(account);
  grow(cost.end);
  const code: usize = load<u32>(account, ACCOUNT_CODE);
  copyPadded(at(to), code + CODE_START, code == 0 ? 0 : load<u32>(code, CODE_LENGTH), sp - 96, size);
  setTop(sp - 128);
  return GO_ON;
}

/** The hash that the host gave last, and of which block; kept for the run. */
let knownNumber: u64 = u64.MAX_VALUE;
const knownHash = memory.data(32, 8);

export function setBlockHash(number: u64, bytes: usize): void {
  knownNumber = number;
  words.fromBytes(knownHash, bytes);
}

export function forgetBlockHash(): void {
  knownNumber = u64.MAX_VALUE;
}

function blockHash(sp: usize): i32 {
  const word = sp - 32, number = load<u64>(word), head = load<u64>(ENV_NUMBER);
  const isInReach = words.isShort(word) && number < head && head - number <= HISTORY;
  if (isInReach && number != knownNumber) {
    store<u64>(OUT_NUMBER, number);
    return EXIT_BLOCK_HASH;
  }
  if (isInReach) words.copy(word, knownHash);
  else words.clear(word);
  return GO_ON;
}

function loadSlot(sp: usize): i32 {
  const word = sp - 32, slot = slots.slotAt(self(), word);
  if (!slots.isLoaded(slot)) return slots.want(slot);
  if (!pay(cost.slotLoad(slot))) return NEW_PHASE;
  if (has(FLAG_EIP2929)) slots.warm(slot);
  words.copy(word, slot + SLOT_VALUE);
  return GO_ON;
}

function storeSlot(sp: usize): i32 {
  if (cost.slotStoreRefused()) return end(cost.halt);
  const slot = slots.slotAt(self(), sp - 32);
  if (!slots.isLoaded(slot)) return slots.want(slot);
  if (!pay(cost.slotStore(slot, sp - 64))) return NEW_PHASE;
  if (has(FLAG_EIP2929)) slots.warm(slot);
  setRefund(refund + cost.refund);
  slots.setSlot(slot, sp - 64);
  setTop(sp - 64);
  return GO_ON;
}

function log(topics: u32, sp: usize): i32 {
  const offset = sp - 32, size = sp - 64;
  if (!pay(cost.log(offset, size, topics))) return NEW_PHASE;
  // geth counts the gas first, and refuses when the instruction runs (makeLog).
  if (load<u32>(frame, FRAME_IS_STATIC) != 0) return end(HALT_WRITE_PROTECTION);
  grow(cost.end);
  const bytes = <usize> load<u64>(size);
  const mark = logs.length;
  const to = logs.append(self(), sp - 96, topics, bytes);
  if (bytes != 0) memory.copy(to, at(offset), bytes);
  setTop(sp - 64 - (<usize> topics << 5));
  if ((traced & TRACE_LOGS) == 0) return GO_ON;
  store<u32>(OUT_POINTER, logs.start + mark);
  return SHOW_LOG;
}

function selfDestruct(sp: usize): i32 {
  const heir = accounts.accountAt(sp - 32), account = self();
  if (!accounts.isLoaded(heir)) return want(heir);
  if (!pay(cost.selfDestruct(heir))) return NEW_PHASE;
  if (has(FLAG_EIP2929)) accounts.warm(heir);
  setRefund(refund + cost.refund);
  const balance: usize = OUT_BALANCE;
  words.copy(balance, account + ACCOUNT_BALANCE);
  if (!has(FLAG_EIP6780) || accounts.isCreated(account)) {
    // What goes to oneself is burnt.
    if (heir != account) accounts.addBalance(heir, balance);
    accounts.subtractBalance(account, balance);
    accounts.markDestroyed(account);
  } else if (heir != account) {
    accounts.subtractBalance(account, balance);
    accounts.addBalance(heir, balance);
  }
  store<u32>(OUT_POINTER, heir);
  return SHOW_DESTRUCT;
}

/** Where a frame's output is, from where the memories begin. */
export function takeOutput(sp: usize): void {
  const bytes = <usize> load<u64>(sp - 64);
  output.take(bytes == 0 ? 0 : load<u32>(frame, FRAME_MEMORY) + load<u32>(sp - 32), bytes);
}

/** RETURN and REVERT. */
export function leave(sp: usize, reason: u32): i32 {
  if (!pay(cost.range(sp - 32, sp - 64))) return NEW_PHASE;
  grow(cost.end);
  takeOutput(sp);
  return end(reason);
}
