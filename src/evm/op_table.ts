import { Hardfork } from "@ethereumjs/common";
import type { EVM } from "@ethereumjs/evm";
import type { OpEntry } from "./library.ts";

const STACK_LIMIT = 1024;

/** [least items on the stack, items pushed minus items popped] by opcode; PUSH, DUP, SWAP and LOG are filled in below. */
const STACK_USE: { readonly [op: number]: readonly [number, number] } = {
  0x00: [0, 0],
  0x0b: [2, -1],
  0x15: [1, 0],
  0x19: [1, 0],
  0x1e: [1, 0],
  0x20: [2, -1],
  0x30: [0, 1],
  0x31: [1, 0],
  0x32: [0, 1],
  0x33: [0, 1],
  0x34: [0, 1],
  0x35: [1, 0],
  0x36: [0, 1],
  0x37: [3, -3],
  0x38: [0, 1],
  0x39: [3, -3],
  0x3a: [0, 1],
  0x3b: [1, 0],
  0x3c: [4, -4],
  0x3d: [0, 1],
  0x3e: [3, -3],
  0x3f: [1, 0],
  0x40: [1, 0],
  0x41: [0, 1],
  0x42: [0, 1],
  0x43: [0, 1],
  0x44: [0, 1],
  0x45: [0, 1],
  0x46: [0, 1],
  0x47: [0, 1],
  0x48: [0, 1],
  0x49: [1, 0],
  0x4a: [0, 1],
  0x50: [1, -1],
  0x51: [1, 0],
  0x52: [2, -2],
  0x53: [2, -2],
  0x54: [1, 0],
  0x55: [2, -2],
  0x56: [1, -1],
  0x57: [2, -2],
  0x58: [0, 1],
  0x59: [0, 1],
  0x5a: [0, 1],
  0x5b: [0, 0],
  0x5c: [1, 0],
  0x5d: [2, -2],
  0x5e: [3, -3],
  0x5f: [0, 1],
  0xf0: [3, -2],
  0xf1: [7, -6],
  0xf2: [7, -6],
  0xf3: [2, -2],
  0xf4: [6, -5],
  0xf5: [4, -3],
  0xfa: [6, -5],
  0xfd: [2, -2],
  0xfe: [0, 0],
  0xff: [1, -1],
};

/** The opcodes of one EVM, by number, in arrays that a loop can read without looking anything up. */
export interface OpTable {
  readonly entries: readonly OpEntry[];
  /** The constant part of the gas. */
  readonly fees: Float64Array;
  readonly minStack: Uint16Array;
  readonly maxStack: Uint16Array;
  readonly isInvalid: Uint8Array;
  /** 1 for what the fast loop runs by itself. */
  readonly isFast: Uint8Array;
  /** EIP-160. */
  readonly expByteGas: number;
  /** EIP-2929. */
  readonly hasAccessLists: boolean;
  /** What clearing a slot gives back; EIP-3529 lowered it. */
  readonly clearRefund: number;
}

const BERLIN_CLEAR_REFUND = 15_000;
const LONDON_CLEAR_REFUND = 4_800;
const EXP_BYTE_GAS = 50;
const FRONTIER_EXP_BYTE_GAS = 10;

/** Ranges of opcodes that the fast loop knows, both ends included. */
const FAST: readonly (readonly [number, number])[] = [
  [0x00, 0x0b],
  [0x10, 0x1e],
  [0x20, 0x20],
  [0x30, 0x3f],
  [0x47, 0x47],
  [0x50, 0x9f],
  [0xa0, 0xa4],
  [0xf3, 0xf3],
  [0xfd, 0xfd],
];
/** BALANCE, EXTCODESIZE, EXTCODECOPY, EXTCODEHASH and SSTORE: before Berlin their prices changed with every second fork. */
const REPRICED = [0x31, 0x3b, 0x3c, 0x3f, 0x55];

export function opTableOf(evm: EVM): OpTable {
  const { common } = evm;
  const hasAccessLists = common.isActivatedEIP(2929);
  const entries = (evm as unknown as { _opcodeMap: OpEntry[] })._opcodeMap;
  const fees = new Float64Array(256);
  const minStack = new Uint16Array(256);
  const maxStack = new Uint16Array(256).fill(STACK_LIMIT);
  const isInvalid = new Uint8Array(256);
  entries.forEach((entry, op) => {
    fees[op] = entry.opcodeInfo.fee;
    if (entry.opcodeInfo.isInvalid) isInvalid[op] = 1;
    else {
      const [least, growth] = stackUse(op);
      minStack[op] = least;
      maxStack[op] = Math.min(STACK_LIMIT, STACK_LIMIT - growth);
    }
  });
  const isFast = new Uint8Array(256);
  for (const [from, to] of FAST) for (let op = from; op <= to; op++) isFast[op] = isInvalid[op] === 1 ? 0 : 1;
  // The library knows them all.
  if (!hasAccessLists) { for (const op of REPRICED) isFast[op] = 0; }
  return {
    entries,
    fees,
    minStack,
    maxStack,
    isInvalid,
    isFast,
    hasAccessLists,
    expByteGas: common.gteHardfork(Hardfork.SpuriousDragon) ? EXP_BYTE_GAS : FRONTIER_EXP_BYTE_GAS,
    clearRefund: common.isActivatedEIP(3529) ? LONDON_CLEAR_REFUND : BERLIN_CLEAR_REFUND,
  };
}

function stackUse(op: number): readonly [number, number] {
  if (op >= 0x60 && op <= 0x7f) return [0, 1];
  if (op >= 0x80 && op <= 0x8f) return [op - 0x7f, 1];
  if (op >= 0x90 && op <= 0x9f) return [op - 0x8f + 1, 0];
  if (op >= 0xa0 && op <= 0xa4) return [op - 0xa0 + 2, -(op - 0xa0 + 2)];
  if (op === 0x08 || op === 0x09) return [3, -2];
  return STACK_USE[op] ?? [2, -1];
}
