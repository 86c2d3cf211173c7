import type { Frame } from "./library.ts";
import { MAX_INIT_CODE_BYTES } from "../primitives/limits.ts";

const CREATE = 0xf0;
const CREATE2 = 0xf5;

/**
 * The library takes init code that begins with 0xef00 for the object format of EIP-3540, whatever the fork, and answers 0
 * without running it. It is code like any other, whose first instruction is invalid: the frame burns its gas, and the
 * creator's nonce has been counted up (as in geth's opCreate). Undefined for everything else.
 */
export function createFromEf00(frame: Frame): Promise<void> | undefined {
  const state = frame._runState;
  const { opCode, stack, memory } = state;
  if (opCode !== CREATE && opCode !== CREATE2) return undefined;
  const item = (index: number) => stack._store[stack._len - 1 - index] ?? 0n;
  const [value, start, length] = [item(0), Number(item(1)), item(2)];
  if (length < 2n || length > MAX_INIT_CODE_BYTES) return undefined;
  if (memory._store[start] !== 0xef || memory._store[start + 1] !== 0x00) return undefined;
  const salt = opCode === CREATE2 ? Uint8Array.fromHex(item(3).toString(16).padStart(64, "0")) : undefined;
  const code = new Uint8Array(Number(length));
  code.set(memory._store.subarray(start, start + code.length));
  stack._len -= opCode === CREATE2 ? 4 : 3;
  const gas = state.messageGasLimit ?? 0n;
  state.messageGasLimit = undefined;
  return frame.create(gas, value, code, salt).then((address) => {
    stack._store[stack._len++] = address;
  });
}
