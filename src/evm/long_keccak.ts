import { hashInPieces } from "../crypto/keccak.ts";
import type { Frame } from "./library.ts";
import type { Registers } from "./registers.ts";
import type { Vm } from "./vm.ts";

const KECCAK_GAS = 30;
const KECCAK_WORD_GAS = 6;

/** KECCAK256 over more than the fast loop hashes in one go. */
export async function longKeccak(frame: Frame, vm: Vm, registers: Registers): Promise<void> {
  const state = frame._runState;
  const { _store: stack } = state.stack;
  const sp = state.stack._len;
  registers.load();
  let digest: bigint;
  try {
    const size = registers.size(stack[sp - 2] ?? 0n);
    registers.use(KECCAK_GAS + Math.ceil(size / 32) * KECCAK_WORD_GAS);
    const start = registers.expand(stack[sp - 1] ?? 0n, size);
    const input = registers.memory.subarray(start, start + size);
    digest = await hashInPieces(input, async () => await vm.pacer?.breathe());
  } finally {
    if (registers.gas < 0) registers.gas = 0;
    registers.store();
  }
  stack[sp - 2] = digest;
  state.stack._len = sp - 1;
  state.programCounter++;
}
