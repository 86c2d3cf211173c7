/** Instructions that do not run as they are: the gas or the stack does not let them, or a traced run is to show them first. */
import { frame } from "./heap";
import {
  EXIT_BUDGET,
  FRAME_GAS,
  HALT_INVALID_OPCODE,
  HALT_NONE,
  HALT_OUT_OF_GAS,
  HALT_STACK_OVERFLOW,
  HALT_STACK_UNDERFLOW,
  OUT_OP,
  UNDEFINED_GAS,
} from "./layout";
import { budget, detail, end, GO_ON, setBudget, setShown, traced } from "./run";
import { isWanted, showPlain, showStep } from "./trace";

/** An instruction that the gas does not let run, or the budget, or that is to be shown. */
export function lookCloser(op: u32, constant: i64): i32 {
  const isUndefined = constant == <i64> UNDEFINED_GAS;
  if (traced != 0) {
    if (isWanted(op)) return isUndefined ? showPlain(op, 0, HALT_NONE) : showStep(op, constant);
    setShown(false);
    if (budget <= 0) return EXIT_BUDGET;
    setBudget(budget - 1);
  }
  if (isUndefined) return undefinedOpcode(op);
  if (load<i64>(frame, FRAME_GAS) < constant) return end(HALT_OUT_OF_GAS);
  return traced != 0 ? GO_ON : EXIT_BUDGET;
}

/** An instruction that finds too few words on the stack, or too many. */
export function stackFault(op: u32, used: u32, entry: u64): i32 {
  const least = <u32> (entry >> 32) & 0xffff, most = least + <u32> (entry >> 48);
  const isUnder = used < least;
  detail(used >> 5, (isUnder ? least : most) >> 5);
  const halt = isUnder ? HALT_STACK_UNDERFLOW : HALT_STACK_OVERFLOW;
  if (isWanted(op)) return showPlain(op, entry & 0xffffffff, halt);
  setShown(false);
  return end(halt);
}

function undefinedOpcode(op: u32): i32 {
  store<u32>(OUT_OP, op);
  return end(HALT_INVALID_OPCODE);
}
