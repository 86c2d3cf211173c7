/**
 * Calls: an instruction fills in the record of the next frame, and `enter` begins that frame, or runs the precompiled
 * contract that is in its place. The host's run begins in the same way, with no caller. For the end see frames.ts.
 */
import * as accounts from "./accounts";
import { jumpsOf } from "./codes";
import { enterCreation } from "./creations";
import * as cost from "./cost";
import { begin, isAtHand, isCreation, mark, pay, setCaller, want } from "./frames";
import { depth, frame, memories, nextFrame, reserve } from "./heap";
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  CODE_LENGTH,
  CODE_START,
  EXIT_PRECOMPILE,
  FLAG_EIP161,
  FLAG_EIP2929,
  FLAG_EIP7702,
  FRAME_ACCOUNT,
  FRAME_CALLER,
  FRAME_CALLER_ACCOUNT,
  FRAME_CODE,
  FRAME_CODE_ACCOUNT,
  FRAME_CODE_BYTES,
  FRAME_GAS,
  FRAME_INPUT,
  FRAME_INPUT_BYTES,
  FRAME_IP,
  FRAME_IS_STATIC,
  FRAME_JUMPS,
  FRAME_KIND,
  FRAME_MEMORY,
  FRAME_RETURN,
  FRAME_RETURN_BYTES,
  FRAME_SP,
  FRAME_VALUE,
  HALT_BALANCE,
  HALT_DEPTH,
  HALT_NONE,
  HALT_OUT_OF_GAS,
  KIND_CALL,
  KIND_CALLCODE,
  KIND_DELEGATECALL,
  KIND_STATICCALL,
  MAX_FRAMES,
  OUT_INPUT,
  OUT_INPUT_BYTES,
  OUT_OP,
  OUT_POINTER,
  PRECOMPILE_IDENTITY,
  PRECOMPILE_SHA256,
} from "./layout";
import { charge, floor, grow } from "./memory";
import * as output from "./output";
import { has } from "./rules";
import { budget, end, NEW_PHASE, PHASE_ENTER, PHASE_PRECOMPILE, setBudget, setPhase } from "./run";
import { sha256 } from "./sha256";
import * as words from "./words";

const CALL_STIPEND: u64 = 2_300;
const IDENTITY_GAS: u64 = 15;
const IDENTITY_WORD_GAS: u64 = 3;
const SHA256_GAS: u64 = 60;
const SHA256_WORD_GAS: u64 = 12;
/** Longer inputs are the host's: it hashes them without holding up the event loop. */
const MAX_SHA256_BYTES: usize = 65_536;

// --- The instructions ---------------------------------------------------------------------------------------------

/** CALL, CALLCODE, DELEGATECALL, STATICCALL; `top` is where the stack ends. */
export function call(kind: u32, top: usize): i32 {
  const account = accounts.accountAt(top - 64);
  if (!isAtHand(account)) return want(account);
  let delegate: usize = 0;
  if (has(FLAG_EIP7702)) {
    delegate = accounts.delegateOf(account);
    if (delegate != 0 && !isAtHand(delegate)) return want(delegate);
  }
  const price = cost.call(kind, top, account);
  if (cost.halt != HALT_NONE) return end(cost.halt);
  if (!charge(price)) return end(HALT_OUT_OF_GAS);
  if (has(FLAG_EIP2929)) {
    accounts.warm(account);
    if (delegate != 0) accounts.warm(delegate);
  }
  grow(cost.end);
  // What goes to the callee is not spent yet.
  setBudget(budget + <i64> cost.forwarded);

  const hasValue = kind == KIND_CALL || kind == KIND_CALLCODE;
  const ranges = top - (hasValue ? 128 : 96);
  const next = nextFrame(), memory = load<u32>(frame, FRAME_MEMORY);
  const self: usize = load<u32>(frame, FRAME_ACCOUNT);
  let gas = cost.forwarded;
  if (kind == KIND_DELEGATECALL) words.copy(next + FRAME_VALUE, frame + FRAME_VALUE);
  else if (hasValue) {
    words.copy(next + FRAME_VALUE, top - 96);
    if (!words.isZero(top - 96)) gas += CALL_STIPEND;
  } else words.clear(next + FRAME_VALUE);
  store<u32>(next, kind, FRAME_KIND);
  store<u64>(next, gas, FRAME_GAS);
  store<u32>(next, u32(kind == KIND_STATICCALL) | load<u32>(frame, FRAME_IS_STATIC), FRAME_IS_STATIC);
  store<u32>(next, kind == KIND_CALL || kind == KIND_STATICCALL ? account : self, FRAME_ACCOUNT);
  store<u32>(next, account, FRAME_CODE_ACCOUNT);
  store<u32>(next, self, FRAME_CALLER_ACCOUNT);
  if (kind == KIND_DELEGATECALL) words.copy(next + FRAME_CALLER, frame + FRAME_CALLER);
  else setCaller(next, self);
  const inputBytes = load<u32>(ranges - 32);
  // An empty range may have any offset, and lies nowhere.
  store<u32>(next, inputBytes == 0 ? memory : memory + load<u32>(ranges), FRAME_INPUT);
  store<u32>(next, inputBytes, FRAME_INPUT_BYTES);
  store<u32>(next, load<u32>(ranges - 64), FRAME_RETURN);
  store<u32>(next, load<u32>(ranges - 96), FRAME_RETURN_BYTES);
  store<u32>(frame, ranges - 96, FRAME_SP);
  setPhase(PHASE_ENTER);
  return NEW_PHASE;
}

// --- The frame's begin --------------------------------------------------------------------------------------------

/** Begins the next frame, or ends it at once. */
export function enter(): i32 {
  const next = nextFrame(), kind = load<u32>(next, FRAME_KIND);
  mark(next);
  output.clearOutput();
  if (depth >= <u32> MAX_FRAMES) return end(HALT_DEPTH);
  if (isCreation(kind)) return enterCreation(next);
  const caller: usize = load<u32>(next, FRAME_CALLER_ACCOUNT), account: usize = load<u32>(next, FRAME_CODE_ACCOUNT);
  const value = next + FRAME_VALUE, hasValue = (kind == KIND_CALL || kind == KIND_CALLCODE) && !words.isZero(value);
  if (hasValue && words.isLess(caller + ACCOUNT_BALANCE, value)) return end(HALT_BALANCE);
  const precompile = accounts.precompileOf(account);
  if (kind == KIND_CALL) {
    if (!accounts.exists(account)) {
      // Nothing is there, and nothing comes to be there.
      if (precompile == 0 && has(FLAG_EIP161) && !hasValue) return end(HALT_NONE);
      accounts.ensure(account);
    }
    if (hasValue) accounts.subtractBalance(caller, value);
    accounts.addBalance(account, value);
  } else if (kind == KIND_STATICCALL) accounts.touch(account);
  if (precompile != 0) return runPrecompile(next, precompile);
  let code: usize = load<u32>(account, ACCOUNT_CODE);
  if (has(FLAG_EIP7702)) {
    const delegate = accounts.delegateOf(account);
    // A precompiled contract that is delegated to has no code.
    if (delegate != 0) code = load<u32>(delegate, ACCOUNT_CODE);
  }
  if (code == 0 || load<u32>(code, CODE_LENGTH) == 0) return end(HALT_NONE);
  const jumps = jumpsOf(code);
  const top = floor();
  reserve(<u64> memories + <u64> top);
  begin(next, top);
  store<u32>(next, code + CODE_START, FRAME_CODE);
  store<u32>(next, code + CODE_START, FRAME_IP);
  store<u32>(next, load<u32>(code, CODE_LENGTH), FRAME_CODE_BYTES);
  store<u32>(next, jumps, FRAME_JUMPS);
  return NEW_PHASE;
}

function runPrecompile(next: usize, number: u32): i32 {
  const from = load<u32>(next, FRAME_INPUT), size: usize = load<u32>(next, FRAME_INPUT_BYTES);
  const count = <u64> size + 31 >> 5;
  if (number == PRECOMPILE_IDENTITY) {
    if (!pay(next, IDENTITY_GAS + IDENTITY_WORD_GAS * count)) return end(HALT_OUT_OF_GAS);
    output.take(from, size);
    return end(HALT_NONE);
  }
  if (number == PRECOMPILE_SHA256 && size <= MAX_SHA256_BYTES) {
    if (!pay(next, SHA256_GAS + SHA256_WORD_GAS * count)) return end(HALT_OUT_OF_GAS);
    const to = output.resize(32);
    sha256(memories + from, size, to);
    return end(HALT_NONE);
  }
  setPhase(PHASE_PRECOMPILE);
  return exitToPrecompile();
}

/** Says which precompiled contract is to be run on what. */
export function exitToPrecompile(): i32 {
  const next = nextFrame();
  store<u32>(OUT_OP, accounts.precompileOf(load<u32>(next, FRAME_CODE_ACCOUNT)));
  store<u32>(OUT_POINTER, next);
  store<u32>(OUT_INPUT, memories + load<u32>(next, FRAME_INPUT));
  store<u32>(OUT_INPUT_BYTES, load<u32>(next, FRAME_INPUT_BYTES));
  return EXIT_PRECOMPILE;
}
