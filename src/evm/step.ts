import type { Frame } from "./library.ts";

/** One instruction that is about to run, as geth's tracers see it. */
export interface Step {
  readonly pc: number;
  readonly op: number;
  readonly name: string;
  /** Before this instruction is paid for. */
  readonly gas: bigint;
  /** What it costs, gas given to a callee included. */
  readonly cost: bigint;
  /** 1 in the outermost frame. */
  readonly depth: number;
  /** What it gives to a callee or an init code to spend, a stipend not included; undefined for all other instructions. */
  readonly forwarded: bigint | undefined;
  /** The size of the memory before it grows for this instruction, in words. */
  readonly memoryWords: bigint;
  readonly refund: bigint;
  /** Set when the instruction halts the frame; geth's text. */
  readonly error: string | undefined;
  readonly frame: Frame;
}

/** Called before each instruction; reads the frame's stack, memory and state as they are then. */
export type StepHook = (step: Step) => void;
