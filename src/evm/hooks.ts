import type { Address } from "../primitives/types.ts";
import type { EvmLog } from "../primitives/receipt.ts";

/** The instructions that open a frame; the outermost frame is a CALL or a CREATE. */
export type FrameType = "CALL" | "CALLCODE" | "DELEGATECALL" | "STATICCALL" | "CREATE" | "CREATE2" | "SELFDESTRUCT";

/** A frame as it begins (geth's tracing.EnterHook); a SELFDESTRUCT is shown as one that ends at once. */
export interface FrameStart {
  readonly type: FrameType;
  readonly from: Address;
  readonly to: Address;
  readonly input: Uint8Array;
  readonly gas: bigint;
  /** Undefined for a STATICCALL. */
  readonly value: bigint | undefined;
  /** 0 is the outermost. */
  readonly depth: number;
  /** A precompiled contract answers, of the fork or one that an override has moved there. */
  readonly isPrecompile: boolean;
}

/** The end of a frame (geth's tracing.ExitHook). */
export interface FrameEnd {
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
  /** geth's text; undefined on success. */
  readonly error: string | undefined;
  /** The error is a REVERT, which hands its output on. */
  readonly isRevert: boolean;
  readonly depth: number;
}

/** The machine before one instruction, as geth's tracers see it. One object for all steps of a run: copy what is kept. */
export interface Step {
  readonly pc: number;
  readonly op: number;
  /** geth's name, whatever the fork. */
  readonly name: string;
  /** Before this instruction is paid for. */
  readonly gas: bigint;
  /** Its cost, gas given to a callee included. */
  readonly cost: bigint;
  /** 1 in the outermost frame. */
  readonly depth: number;
  /** The gas that it gives to a callee, a stipend not included; 0 for all other instructions. */
  readonly forwarded: bigint;
  /** The gas to refund, what this instruction adds included (as geth, whose gas functions add to it). */
  readonly refund: bigint;
  /** Set when the instruction cannot be paid for, or its stack does not hold; geth's text. */
  readonly error: string | undefined;
  /** Whose storage and balance the frame works on. */
  readonly address: Address;
  /** Whose code was called. */
  readonly codeAddress: Address;
  readonly caller: Address;
  readonly value: bigint;
  readonly isStatic: boolean;
  /** Words on the stack. */
  readonly stackSize: number;
  /** A word of the stack, 0 the top; 0n beyond the last. */
  peek(index: number): bigint;
  /** The address in a word of the stack. */
  addressAt(index: number): Address;
  /** The whole stack, the bottom first. */
  stack(): bigint[];
  /** The size of the memory before it grows for this instruction. */
  readonly memoryBytes: number;
  /** A copy of a part of the memory, with zeros beyond its end. */
  memory(offset: number, size: number): Uint8Array<ArrayBuffer>;
  /** The data that the last callee returned. */
  returnData(): Uint8Array<ArrayBuffer>;
  input(): Uint8Array<ArrayBuffer>;
  code(): Uint8Array<ArrayBuffer>;
}

/** The hooks of a run, in the order of geth's. Absent hooks cost nothing. */
export interface Hooks {
  /** The opcodes that `onStep` is for; all when absent. A run that stops at few instructions is far faster. */
  readonly opcodes?: readonly number[] | undefined;
  /** Called before each instruction, also one that cannot be paid for. */
  readonly onStep?: ((step: Step) => void) | undefined;
  readonly onEnter?: ((frame: FrameStart) => void) | undefined;
  readonly onExit?: ((end: FrameEnd) => void) | undefined;
  /** Called when a log is made, those included that a later failure takes back. */
  readonly onLog?: ((log: EvmLog) => void) | undefined;
}
