/** What the run as a whole is doing: its phase, its budget, the gas to refund, and how the last frame ended. */
import { OUT_DETAIL, OUT_HALT, OUT_LIMIT } from "./layout";

/** Between two exits the core is in one of these. */
export const PHASE_IDLE: u32 = 0;
/** A frame's instructions run. */
export const PHASE_CODE: u32 = 1;
/** The next frame's record is filled in; it is about to begin. */
export const PHASE_ENTER: u32 = 2;
/** The next frame's precompiled contract is with the host. */
export const PHASE_PRECOMPILE: u32 = 3;
/** A frame has ended; what that means is not settled yet. */
export const PHASE_END: u32 = 4;
/** It is settled; the caller has not got it yet. */
export const PHASE_LEAVE: u32 = 5;
/** KECCAK256 of something long is at work. */
export const PHASE_HASH: u32 = 6;

/** What a handler of an instruction returns, exits of `layout` apart: go on, or look at the phase. */
export const GO_ON: i32 = 0;
export const NEW_PHASE: i32 = -1;

export let phase: u32 = PHASE_IDLE;
/** Gas that may still be spent before control returns. */
export let budget: i64 = 0;
export let refund: i64 = 0;
/** Why the frame that ended last did (`HALT`). */
export let status: u32 = 0;
/** What the host wants to see of the run (`TRACE`). */
export let traced: u32 = 0;
/** The event at hand has been shown, the host has come back. */
export let isShown: bool = false;

export function setPhase(value: u32): void {
  phase = value;
}

export function setBudget(value: i64): void {
  budget = value;
}

export function setRefund(value: i64): void {
  refund = value;
}

export function setTraced(value: u32): void {
  traced = value;
}

export function setShown(value: bool): void {
  isShown = value;
}

/** Ends the frame at hand. */
export function end(reason: u32): i32 {
  status = reason;
  phase = PHASE_END;
  store<u32>(OUT_HALT, reason);
  return NEW_PHASE;
}

export function setStatus(reason: u32): void {
  status = reason;
  store<u32>(OUT_HALT, reason);
}

/** The numbers in the text of a halt. */
export function detail(value: u64, limit: u64): void {
  store<u64>(OUT_DETAIL, value);
  store<u64>(OUT_LIMIT, limit);
}
