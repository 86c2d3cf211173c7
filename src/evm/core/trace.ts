/** What a traced run shows of an instruction before it runs: above all its whole cost, which depends on its arguments. */
import * as accounts from "./accounts";
import * as cost from "./cost";
import { want } from "./frames";
import { depth, frame } from "./heap";
import {
  EXIT_STEP,
  FLAG_EIP7702,
  FRAME_ACCOUNT,
  FRAME_CODE,
  FRAME_GAS,
  FRAME_IP,
  FRAME_SP,
  HALT_NONE,
  HALT_OUT_OF_GAS,
  KIND_CALL,
  KIND_CALLCODE,
  KIND_CREATE,
  KIND_CREATE2,
  KIND_DELEGATECALL,
  KIND_STATICCALL,
  OUT_COST,
  OUT_DEPTH,
  OUT_FORWARDED,
  OUT_FRAME,
  OUT_GAS,
  OUT_HALT,
  OUT_OP,
  OUT_PC,
  OUT_REFUND,
  OUT_RETURNED,
  OUT_RETURNED_BYTES,
  STEP_MASK,
  TRACE_STEPS,
} from "./layout";
import * as op from "./opcodes";
import * as output from "./output";
import { has } from "./rules";
import { isShown, refund, setShown, traced } from "./run";
import { isLoaded, slotAt, want as wantSlot } from "./slots";

/** True when a traced run stops before the instruction, and has not yet. */

export function isWanted(opcode: u32): bool {
  return (traced & TRACE_STEPS) != 0 && !isShown && load<u8>(<usize> STEP_MASK + opcode) != 0;
}

/** Shows an instruction whose arguments have no part in its price: its stack does not let it run, or the fork lacks it. */
export function showPlain(opcode: u32, constant: u64, halt: u32): i32 {
  cost.beginStep();
  return show(opcode, constant, halt);
}

/** Shows an instruction; the frame has not paid anything for it. */
export function showStep(opcode: u32, constant: u64): i32 {
  const gas = load<u64>(frame, FRAME_GAS);
  cost.beginStep();
  if (gas < constant) return show(opcode, constant, HALT_OUT_OF_GAS);
  store<u64>(frame, gas - constant, FRAME_GAS);
  const wanted = measure(opcode, load<u32>(frame, FRAME_SP));
  store<u64>(frame, gas, FRAME_GAS);
  if (wanted != 0) return wanted;
  const isShort = cost.halt == HALT_NONE && price > gas - constant;
  // A price that 64 bits hold may not fit with the constant part; geth's sum wraps round as well.
  return show(opcode, constant + price, isShort ? HALT_OUT_OF_GAS : cost.halt);
}

function show(opcode: u32, total: u64, halt: u32): i32 {
  setShown(true);
  store<u32>(OUT_FRAME, frame);
  store<u32>(OUT_DEPTH, depth);
  store<u32>(OUT_OP, opcode);
  store<u32>(OUT_PC, load<u32>(frame, FRAME_IP) - load<u32>(frame, FRAME_CODE));
  store<u32>(OUT_HALT, halt);
  store<u64>(OUT_GAS, load<u64>(frame, FRAME_GAS));
  store<u64>(OUT_COST, total);
  store<i64>(OUT_REFUND, refund + cost.refund);
  store<u64>(OUT_FORWARDED, cost.forwarded);
  store<u32>(OUT_RETURNED, output.start);
  store<u32>(OUT_RETURNED_BYTES, output.size);
  return EXIT_STEP;
}

let price: u64 = 0;

/** Finds the price of an instruction beside its constant cost; what it wants of the host for that, or 0. */
function measure(opcode: u32, sp: usize): i32 {
  price = 0;
  switch (opcode) {
    case op.EXP:
      price = cost.power(sp - 64);
      return 0;
    case op.KECCAK256:
      price = cost.keccak(sp - 32, sp - 64);
      return 0;
    case op.CALLDATACOPY:
    case op.CODECOPY:
    case op.RETURNDATACOPY:
      price = cost.copying(sp - 32, sp - 96);
      return 0;
    case op.MCOPY:
      price = cost.memoryCopying(sp - 32, sp - 64, sp - 96);
      return 0;
    case op.MLOAD:
    case op.MSTORE:
      price = cost.fixedRange(sp - 32, 32);
      return 0;
    case op.MSTORE8:
      price = cost.fixedRange(sp - 32, 1);
      return 0;
    case op.RETURN:
    case op.REVERT:
      price = cost.range(sp - 32, sp - 64);
      return 0;
    case op.LOG0:
    case op.LOG0 + 1:
    case op.LOG0 + 2:
    case op.LOG0 + 3:
    case op.LOG0 + 4:
      price = cost.log(sp - 32, sp - 64, opcode - op.LOG0);
      return 0;
    case op.SLOAD:
      price = cost.slotLoad(slotAt(load<u32>(frame, FRAME_ACCOUNT), sp - 32));
      return 0;
    case op.SSTORE:
      return measureStore(sp);
    case op.BALANCE:
    case op.EXTCODESIZE:
    case op.EXTCODEHASH:
      price = cost.coldAccount(accounts.accountAt(sp - 32));
      return 0;
    case op.EXTCODECOPY:
      price = cost.extCodeCopy(accounts.accountAt(sp - 32), sp - 64, sp - 128);
      return 0;
    case op.CREATE:
      price = cost.creation(KIND_CREATE, sp);
      return 0;
    case op.CREATE2:
      price = cost.creation(KIND_CREATE2, sp);
      return 0;
    case op.CALL:
      return measureCall(KIND_CALL, sp);
    case op.CALLCODE:
      return measureCall(KIND_CALLCODE, sp);
    case op.DELEGATECALL:
      return measureCall(KIND_DELEGATECALL, sp);
    case op.STATICCALL:
      return measureCall(KIND_STATICCALL, sp);
    case op.SELFDESTRUCT:
      return measureDestruct(sp);
    default:
      return 0;
  }
}

function measureStore(sp: usize): i32 {
  if (cost.slotStoreRefused()) return 0;
  const slot = slotAt(load<u32>(frame, FRAME_ACCOUNT), sp - 32);
  if (!isLoaded(slot)) return wantSlot(slot);
  price = cost.slotStore(slot, sp - 64);
  return 0;
}

function measureCall(kind: u32, sp: usize): i32 {
  const account = accounts.accountAt(sp - 64);
  if (!accounts.isLoaded(account)) return want(account);
  if (has(FLAG_EIP7702)) {
    if (!accounts.isCodeLoaded(account)) return want(account);
    const delegate = accounts.delegateOf(account);
    if (delegate != 0 && !accounts.isLoaded(delegate)) return want(delegate);
  }
  price = cost.call(kind, sp, account);
  return 0;
}

function measureDestruct(sp: usize): i32 {
  const heir = accounts.accountAt(sp - 32);
  if (!accounts.isLoaded(heir)) return want(heir);
  price = cost.selfDestruct(heir);
  return 0;
}
