/** What the host calls to run a transaction: see README.md in the folder above for the order in which it does. */
import * as accounts from "./accounts";
import * as blobs from "./blobs";
import { enter, exitToPrecompile } from "./calls";
import { isCreation, leave, settle, want } from "./frames";
import * as heap from "./heap";
import * as instructions from "./instructions";
import { interpret } from "./interpreter";
import * as journal from "./journal";
import {
  EXIT_BUDGET,
  EXIT_DESTRUCT,
  EXIT_DONE,
  EXIT_ENTER,
  EXIT_LEAVE,
  EXIT_LOG,
  FLAG_EIP7702,
  FRAME_ACCOUNT,
  FRAME_BYTES,
  FRAME_CALLER,
  FRAME_CALLER_ACCOUNT,
  FRAME_CODE_ACCOUNT,
  FRAME_GAS,
  FRAME_INPUT,
  FRAME_INPUT_BYTES,
  FRAME_IS_STATIC,
  FRAME_KIND,
  FRAME_RETURN_BYTES,
  FRAME_VALUE,
  FRAMES,
  HALT_NONE,
  IN,
  IN_SECOND,
  OUT_DATA,
  OUT_DATA_BYTES,
  OUT_DEPTH,
  OUT_FRAME,
  OUT_GAS,
  OUT_LOGS,
  OUT_LOGS_BYTES,
  OUT_REFUND,
  SCRATCH,
  TRACE_FRAMES,
} from "./layout";
import * as logs from "./logs";
import * as output from "./output";
import { has } from "./rules";
import {
  budget,
  end,
  isShown,
  NEW_PHASE,
  phase,
  PHASE_CODE,
  PHASE_END,
  PHASE_ENTER,
  PHASE_HASH,
  PHASE_IDLE,
  PHASE_LEAVE,
  PHASE_PRECOMPILE,
  refund,
  setBudget,
  setPhase,
  setRefund,
  setShown,
  setStatus,
  setTraced,
  status,
  traced,
} from "./run";
import * as slots from "./slots";
import * as words from "./words";

const ADDRESS: usize = SCRATCH + 1728;
/** What a part of a long hash takes from the budget. */
const HASH_PART_WORK: i64 = 100_000;

/** The frame that ended had begun. */
let wasOpen: bool = false;

// --- A transaction ------------------------------------------------------------------------------------------------

/** Begins a transaction: what was set before is its original state, nothing is warm, nothing is touched. */
export function begin(): void {
  heap.setDepth(0);
  setPhase(PHASE_IDLE);
  accounts.nextTransaction();
  journal.clearJournal();
  logs.cutTo(0);
  output.clearOutput();
  blobs.resize(0);
  instructions.forgetBlockHash();
  setRefund(0);
  setStatus(HALT_NONE);
}

/** Adds to the gas to refund. */
export function addRefund(gas: i64): void {
  setRefund(refund + gas);
}

/** Room for the transaction's blob hashes. */
export function blobHashes(count: u32): usize {
  return blobs.resize(count);
}

/** A place in the journal, for `undo`. */
export function mark(): u32 {
  return journal.length;
}

export function undo(to: u32): void {
  journal.undoTo(to);
}

/** Room for the input of the run's first frame. */
export function input(bytes: u32): usize {
  heap.reserve(<u64> heap.memories + <u64> bytes);
  return heap.memories;
}

/**
 * Prepares the run's first frame: a call of `to`, or a creation that makes it. The value is at IN. What the frame needs of
 * the host `run` asks for.
 */
export function prepare(kind: u32, from: usize, to: usize, gas: u64, inputBytes: u32): void {
  const next = heap.nextFrame();
  store<u32>(next, kind, FRAME_KIND);
  store<u64>(next, gas, FRAME_GAS);
  store<u32>(next, 0, FRAME_IS_STATIC);
  store<u32>(next, to, FRAME_ACCOUNT);
  store<u32>(next, to, FRAME_CODE_ACCOUNT);
  store<u32>(next, from, FRAME_CALLER_ACCOUNT);
  words.copy(next + FRAME_CALLER, from);
  store<u64>(next, 0, FRAME_CALLER + 24);
  words.fromBytes(next + FRAME_VALUE, IN);
  store<u32>(next, 0, FRAME_INPUT);
  store<u32>(next, inputBytes, FRAME_INPUT_BYTES);
  store<u32>(next, 0, FRAME_RETURN_BYTES);
  heap.setInputBytes(inputBytes);
  setPhase(PHASE_ENTER);
  setShown(false);
}

/** Sets what a traced run shows; 0 for none. */
export function trace(what: u32): void {
  setTraced(what);
}

/**
 * Runs until there is something to tell (`EXIT`), for at most `work` units of gas before it returns in any case. Every exit
 * but EXIT_DONE is followed by `run`, once the host has done what was asked.
 */
export function run(work: i64): i32 {
  setBudget(work);
  while (true) {
    const exit = advance();
    if (exit != NEW_PHASE) return exit;
  }
}

/** One phase; the exit that it leads to, or NEW_PHASE. */
function advance(): i32 {
  switch (phase) {
    case PHASE_CODE:
      return runCode();
    case PHASE_ENTER:
      return enterNext();
    case PHASE_PRECOMPILE:
      return exitToPrecompile();
    case PHASE_END:
      settle(wasOpen);
      return NEW_PHASE;
    case PHASE_LEAVE:
      return leaveEnded();
    case PHASE_HASH:
      return hashOn();
    default:
      return EXIT_DONE;
  }
}

function runCode(): i32 {
  wasOpen = true;
  if (budget <= 0) return EXIT_BUDGET;
  const exit = interpret();
  if (exit == instructions.SHOW_LOG) return EXIT_LOG;
  if (exit != instructions.SHOW_DESTRUCT) return exit;
  end(HALT_NONE);
  output.clearOutput();
  if ((traced & TRACE_FRAMES) == 0) return NEW_PHASE;
  store<u32>(OUT_FRAME, heap.frame);
  store<u32>(OUT_DEPTH, heap.depth);
  return EXIT_DESTRUCT;
}

function enterNext(): i32 {
  const next = heap.nextFrame();
  if (heap.depth == 0) {
    const wanted = firstWants(next);
    if (wanted != 0) return wanted;
  }
  if ((traced & TRACE_FRAMES) != 0 && !isShown) {
    setShown(true);
    show(next);
    return EXIT_ENTER;
  }
  setShown(false);
  wasOpen = false;
  return enter();
}

/** What the first frame needs of the host, 0 for nothing more. */
function firstWants(next: usize): i32 {
  const from: usize = load<u32>(next, FRAME_CALLER_ACCOUNT), to: usize = load<u32>(next, FRAME_CODE_ACCOUNT);
  if (!accounts.isLoaded(from)) return want(from);
  if (!accounts.isLoaded(to)) return want(to);
  if (isCreation(load<u32>(next, FRAME_KIND))) return 0;
  if (!accounts.isCodeLoaded(to)) return want(to);
  const delegate = has(FLAG_EIP7702) ? accounts.delegateOf(to) : 0;
  if (delegate != 0 && !(accounts.isLoaded(delegate) && accounts.isCodeLoaded(delegate))) return want(delegate);
  return 0;
}

function leaveEnded(): i32 {
  const record = wasOpen ? heap.frame : heap.nextFrame();
  if ((traced & TRACE_FRAMES) != 0 && !isShown) {
    setShown(true);
    show(record);
    return EXIT_LEAVE;
  }
  setShown(false);
  if (leave(wasOpen)) return NEW_PHASE;
  show(record);
  store<u64>(OUT_REFUND, refund);
  store<u32>(OUT_LOGS, logs.start);
  store<u32>(OUT_LOGS_BYTES, logs.length);
  setPhase(PHASE_IDLE);
  return EXIT_DONE;
}

function show(record: usize): void {
  setStatus(status);
  store<u32>(OUT_FRAME, record);
  store<u32>(OUT_DEPTH, <u32> ((record - FRAMES) / FRAME_BYTES));
  store<u64>(OUT_GAS, load<u64>(record, FRAME_GAS));
  store<u32>(OUT_DATA, output.start);
  store<u32>(OUT_DATA_BYTES, output.size);
}

function hashOn(): i32 {
  if (budget <= 0) return EXIT_BUDGET;
  setBudget(budget - HASH_PART_WORK);
  if (instructions.hashPart()) setPhase(PHASE_CODE);
  return NEW_PHASE;
}

/** Room for the output of the precompiled contract that the host was asked for. */
export function precompileOutput(bytes: u32): usize {
  return output.resize(bytes);
}

/** Says how that precompiled contract ended: a halt, or none, and the gas that it took. */
export function precompileDone(halt: u32, gasUsed: u64): void {
  const next = heap.nextFrame(), left = load<u64>(next, FRAME_GAS);
  store<u64>(next, left - gasUsed, FRAME_GAS);
  wasOpen = false;
  end(halt);
}

/** Gives the hash, at IN_SECOND, of the block that was asked for. */
export function blockHash(number: u64): void {
  instructions.setBlockHash(number, IN_SECOND);
}

/** Ends a transaction: what destroyed itself goes, and what was touched and is empty (EIP-161). */
export function finish(): void {
  for (let at: usize = 0; at < journal.length; at += journal.RECORD_BYTES) {
    const touched = journal.touchedAt(at);
    if (touched != 0) finishAccount(touched);
  }
  if (journal.isRipemdTouched) {
    words.set(ADDRESS, 3);
    finishAccount(accounts.accountAt(ADDRESS));
  }
  journal.clearJournal();
}

function finishAccount(entry: usize): void {
  const isGone = accounts.isDestroyed(entry) ||
    (accounts.removesEmpty() && accounts.exists(entry) && accounts.isEmpty(entry));
  if (!isGone) return;
  accounts.remove(entry);
  slots.wipe(entry);
}
