/** The records of frames: how the next one is marked and begun, what its end means, and how its caller gets the result. */
import * as accounts from "./accounts";
import { internCode } from "./codes";
import { depth, frame, memories, nextFrame, setDepth } from "./heap";
import * as journal from "./journal";
import {
  EXIT_ACCOUNT,
  EXIT_CODE,
  FLAG_EIP3541,
  FLAG_HOMESTEAD,
  FRAME_ACCOUNT,
  FRAME_CALLER,
  FRAME_GAS,
  FRAME_GAS_START,
  FRAME_JOURNAL,
  FRAME_KIND,
  FRAME_LOGS,
  FRAME_MEMORY,
  FRAME_MEMORY_BYTES,
  FRAME_REFUND,
  FRAME_RETURN,
  FRAME_RETURN_BYTES,
  FRAME_SP,
  FRAME_STACK,
  HALT_BALANCE,
  HALT_CODE_SIZE,
  HALT_CODE_STORE_OUT_OF_GAS,
  HALT_DEPTH,
  HALT_INVALID_CODE,
  HALT_NONCE_OVERFLOW,
  HALT_NONE,
  HALT_REVERT,
  KIND_CREATE,
  OUT_ADDRESS,
  OUT_POINTER,
  RULE_MAX_CODE_BYTES,
  SCRATCH,
  STACK,
  WORD_BYTES,
} from "./layout";
import * as logs from "./logs";
import * as output from "./output";
import { has, rule } from "./rules";
import {
  budget,
  detail,
  PHASE_CODE,
  PHASE_LEAVE,
  refund,
  setBudget,
  setPhase,
  setRefund,
  setStatus,
  status,
} from "./run";
import * as words from "./words";

const CODE_BYTE_GAS: u64 = 200;
const HASH: usize = SCRATCH + 1280;

/** Asks the host for an account, or its code; 0 when both are at hand. */
export function want(account: usize): i32 {
  store<u32>(OUT_POINTER, account);
  words.toAddressBytes(OUT_ADDRESS, account);
  return accounts.isLoaded(account) ? EXIT_CODE : EXIT_ACCOUNT;
}

/** CREATE or CREATE2. */

export function isCreation(kind: u32): bool {
  return kind >= <u32> KIND_CREATE;
}

/** Its values and its code are known. */
export function isAtHand(account: usize): bool {
  return accounts.isLoaded(account) && accounts.isCodeLoaded(account);
}

/** Puts down who calls. */
export function setCaller(next: usize, self: usize): void {
  words.copy(next + FRAME_CALLER, self);
  // The word behind an address in an account's entry is not its upper limb.
  store<u64>(next, 0, FRAME_CALLER + 24);
}

/** What is undone when the frame fails is what comes after this. */

export function mark(next: usize): void {
  store<u64>(next, load<u64>(next, FRAME_GAS), FRAME_GAS_START);
  store<u32>(next, journal.length, FRAME_JOURNAL);
  store<u32>(next, logs.length, FRAME_LOGS);
  store<i64>(next, refund, FRAME_REFUND);
}

/** Makes the next frame the one that runs, with an empty stack and no memory. */
export function begin(next: usize, memory: usize): void {
  const stack: usize = depth == 0 ? <usize> STACK : load<u32>(frame, FRAME_SP);
  store<u32>(next, stack, FRAME_STACK);
  store<u32>(next, stack, FRAME_SP);
  store<u32>(next, memory, FRAME_MEMORY);
  store<u32>(next, 0, FRAME_MEMORY_BYTES);
  setDepth(depth + 1);
  setPhase(PHASE_CODE);
}

/** Takes gas from a frame that does not run; false when it has too little. */
export function pay(next: usize, gas: u64): bool {
  const left = load<u64>(next, FRAME_GAS);
  if (left < gas) return false;
  store<u64>(next, left - gas, FRAME_GAS);
  setBudget(budget - <i64> gas);
  return true;
}

/** The record of the frame that ended: the one that runs, or one that never began to. */

export function ended(isOpen: bool): usize {
  return isOpen ? frame : nextFrame();
}

/** Decides what the end of a frame means: a creation's code is paid for and kept, a failed frame undone. */
export function settle(isOpen: bool): void {
  const record = ended(isOpen), kind = load<u32>(record, FRAME_KIND);
  if (isCreation(kind) && status == HALT_NONE) keepCode(record);
  // Before EIP-2 a contract whose code cannot be paid for stays, without code.
  const isKept = status == HALT_NONE || (status == HALT_CODE_STORE_OUT_OF_GAS && !has(FLAG_HOMESTEAD));
  if (!isKept) {
    journal.undoTo(load<u32>(record, FRAME_JOURNAL));
    logs.cutTo(load<u32>(record, FRAME_LOGS));
    setRefund(load<i64>(record, FRAME_REFUND));
    if (status != HALT_REVERT) {
      output.clearOutput();
      if (status != HALT_DEPTH && status != HALT_BALANCE && status != HALT_NONCE_OVERFLOW) {
        // What is burnt here is not work.
        store<u64>(record, 0, FRAME_GAS);
      }
    }
  }
  setPhase(PHASE_LEAVE);
}

/** Gives the result of the frame that ended to its caller. False when there is none: the run is done. */
export function leave(isOpen: bool): bool {
  const record = ended(isOpen), kind = load<u32>(record, FRAME_KIND);
  if (isOpen) setDepth(depth - 1);
  if (depth == 0) return false;
  const sp: usize = load<u32>(frame, FRAME_SP), gas = load<u64>(record, FRAME_GAS);
  store<u64>(frame, load<u64>(frame, FRAME_GAS) + gas, FRAME_GAS);
  if (isCreation(kind)) {
    const isMade = status == HALT_NONE ||
      (kind == KIND_CREATE && status == HALT_CODE_STORE_OUT_OF_GAS && !has(FLAG_HOMESTEAD));
    if (isMade) setCallerWord(sp, load<u32>(record, FRAME_ACCOUNT));
    else words.clear(sp);
    if (status != HALT_REVERT) output.clearOutput();
  } else {
    words.set(sp, u64(status == HALT_NONE));
    const bytes = min(<usize> load<u32>(record, FRAME_RETURN_BYTES), output.size);
    if (bytes != 0) {
      memory.copy(memories + load<u32>(frame, FRAME_MEMORY) + load<u32>(record, FRAME_RETURN), output.start, bytes);
    }
  }
  store<u32>(frame, sp + WORD_BYTES, FRAME_SP);
  setPhase(PHASE_CODE);
  return true;
}

function setCallerWord(to: usize, account: usize): void {
  words.copy(to, account);
  store<u64>(to, 0, 24);
}

function keepCode(record: usize): void {
  const size = output.size;
  if (size == 0) return;
  if (has(FLAG_EIP3541) && load<u8>(output.start) == 0xef) return setStatus(HALT_INVALID_CODE);
  if (!pay(record, <u64> size * CODE_BYTE_GAS)) return setStatus(HALT_CODE_STORE_OUT_OF_GAS);
  const most = rule(RULE_MAX_CODE_BYTES);
  if (most != 0 && size > <usize> most) {
    detail(size, most);
    return setStatus(HALT_CODE_SIZE);
  }
  const code = internCode(output.start, size, HASH);
  accounts.setCode(load<u32>(record, FRAME_ACCOUNT), code, HASH);
}
