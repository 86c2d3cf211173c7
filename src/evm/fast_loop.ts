import { EVMError } from "@ethereumjs/evm";
import { keccakWord } from "../crypto/keccak.ts";
import { Halt } from "./halt.ts";
import { pushValue } from "./jumps.ts";
import type { Frame } from "./library.ts";
import { readWord, type Registers, writeWord } from "./registers.ts";
import {
  accessAccount,
  codeHashWord,
  copyPadded,
  loadWord,
  logEntry,
  sloadGas,
  sstore,
  transient,
} from "./fast_ops.ts";
import type { Vm } from "./vm.ts";
import { bytesToHex } from "../primitives/hex.ts";

/** Why a stretch of fast instructions ended. */
export const ENDED = { slow: 0, stop: 1, revert: 2, look: 3 } as const;

/**
 * Work between two looks at the clock, in instructions: a look costs up to 0.4 us, a plain instruction 0.02 to 0.1
 * (measured). Instructions whose work grows with their operands count for more, so that a look is never far off.
 */
const STEPS_PER_LOOK = 1024;
/** 2 us for a slot that must be found in the trie. */
const SLOT_STEPS = 16;
/** 30 us for an exponent of 32 bytes. */
const EXP_BYTE_STEPS = 8;
/** A copy takes 0.1 us for each KiB, a hash 6. */
const COPY_SHIFT = 10;
const HASH_SHIFT = 4;
/** Longer input is hashed in pieces, by the slow way: a megabyte takes 6 ms (measured). */
export const MAX_FAST_KECCAK_BYTES = 1 << 18;

const WORD_MASK = (1n << 256n) - 1n;
const NO_BYTES = new Uint8Array(0);
const MESSAGES = EVMError.errorMessages;

/**
 * Runs the instructions that need nothing from outside their frame, without a promise and with gas as a number: six to
 * ten times as fast as the library's handlers (measured). Everything else (calls, creations, other accounts) is left to
 * those, one instruction at a time. Both charge the same; tests run programs through both and compare.
 */
export function runFast(frame: Frame, vm: Vm, r: Registers): number {
  const { isFast, fees, minStack, maxStack, expByteGas } = vm.ops;
  const state = frame._runState;
  const env = frame._env;
  const code = r.code;
  const stack = state.stack._store;
  let sp = state.stack._len;
  let pc = state.programCounter;
  let steps = STEPS_PER_LOOK;
  r.load();
  try {
    for (;;) {
      if (pc >= code.length) return ENDED.stop;
      const op = code[pc] as number;
      if (isFast[op] === 0) return ENDED.slow;
      if (--steps <= 0) return ENDED.look;
      const least = minStack[op] as number;
      if (sp < least) throw new Halt(MESSAGES.STACK_UNDERFLOW, `stack underflow (${sp} <=> ${least})`);
      if (sp > (maxStack[op] as number)) {
        throw new Halt(MESSAGES.STACK_OVERFLOW, `stack limit reached ${sp} (${maxStack[op]})`);
      }
      r.use(fees[op] as number);
      if (op >= 0x5f && op <= 0x9f) {
        if (op <= 0x7f) {
          const size = op - 0x5f;
          stack[sp++] = size === 0 ? 0n : r.pushes[pc] ??= pushValue(code, pc, size);
          pc += size + 1;
        } else if (op <= 0x8f) {
          stack[sp] = stack[sp - (op - 0x7f)] as bigint;
          sp++;
          pc++;
        } else {
          const other = sp - 1 - (op - 0x8f);
          const top = stack[sp - 1] as bigint;
          stack[sp - 1] = stack[other] as bigint;
          stack[other] = top;
          pc++;
        }
        continue;
      }
      const a = stack[sp - 1] as bigint;
      const b = stack[sp - 2] as bigint;
      switch (op) {
        case 0x00:
          frame._result.returnValue = NO_BYTES;
          return ENDED.stop;
        case 0x01:
          stack[--sp - 1] = (a + b) & WORD_MASK;
          break;
        case 0x02:
          stack[--sp - 1] = (a * b) & WORD_MASK;
          break;
        case 0x03:
          stack[--sp - 1] = a >= b ? a - b : (a - b) & WORD_MASK;
          break;
        case 0x04:
          stack[--sp - 1] = b === 0n ? 0n : a / b;
          break;
        case 0x05:
          stack[--sp - 1] = b === 0n ? 0n : (BigInt.asIntN(256, a) / BigInt.asIntN(256, b)) & WORD_MASK;
          break;
        case 0x06:
          stack[--sp - 1] = b === 0n ? 0n : a % b;
          break;
        case 0x07:
          stack[--sp - 1] = b === 0n ? 0n : (BigInt.asIntN(256, a) % BigInt.asIntN(256, b)) & WORD_MASK;
          break;
        case 0x08:
        case 0x09: {
          const modulus = stack[sp - 3] as bigint;
          sp -= 2;
          stack[sp - 1] = modulus === 0n ? 0n : (op === 0x08 ? a + b : a * b) % modulus;
          break;
        }
        case 0x0a: {
          const bytes = b === 0n ? 0 : Math.ceil(b.toString(16).length / 2);
          r.use(bytes * expByteGas);
          steps -= bytes * EXP_BYTE_STEPS;
          stack[--sp - 1] = power(a, b);
          break;
        }
        case 0x0b:
          stack[--sp - 1] = a >= 31n ? b : BigInt.asIntN(Number(a) * 8 + 8, b) & WORD_MASK;
          break;
        case 0x10:
          stack[--sp - 1] = a < b ? 1n : 0n;
          break;
        case 0x11:
          stack[--sp - 1] = a > b ? 1n : 0n;
          break;
        case 0x12:
          stack[--sp - 1] = BigInt.asIntN(256, a) < BigInt.asIntN(256, b) ? 1n : 0n;
          break;
        case 0x13:
          stack[--sp - 1] = BigInt.asIntN(256, a) > BigInt.asIntN(256, b) ? 1n : 0n;
          break;
        case 0x14:
          stack[--sp - 1] = a === b ? 1n : 0n;
          break;
        case 0x15:
          stack[sp - 1] = a === 0n ? 1n : 0n;
          break;
        case 0x16:
          stack[--sp - 1] = a & b;
          break;
        case 0x17:
          stack[--sp - 1] = a | b;
          break;
        case 0x18:
          stack[--sp - 1] = a ^ b;
          break;
        case 0x19:
          stack[sp - 1] = a ^ WORD_MASK;
          break;
        case 0x1a:
          stack[--sp - 1] = a >= 32n ? 0n : (b >> (248n - a * 8n)) & 0xffn;
          break;
        case 0x1b:
          stack[--sp - 1] = a >= 256n ? 0n : (b << a) & WORD_MASK;
          break;
        case 0x1c:
          stack[--sp - 1] = a >= 256n ? 0n : b >> a;
          break;
        case 0x1d:
          stack[--sp - 1] = (BigInt.asIntN(256, b) >> (a >= 256n ? 255n : a)) & WORD_MASK;
          break;
        case 0x1e:
          stack[sp - 1] = a === 0n ? 256n : BigInt(256 - a.toString(2).length);
          break;
        case 0x20: {
          const size = r.size(b);
          // Paid for by whoever hashes it; nothing has been changed yet but the constant fee.
          if (size > MAX_FAST_KECCAK_BYTES) {
            r.gas += fees[op] as number;
            return ENDED.slow;
          }
          r.use(Math.ceil(size / 32) * 6);
          steps -= size >> HASH_SHIFT;
          const start = r.expand(a, size);
          stack[--sp - 1] = keccakWord(size === 0 ? NO_BYTES : r.memory.subarray(start, start + size));
          break;
        }
        case 0x30:
          stack[sp++] = BigInt(r.address);
          break;
        case 0x31:
          steps -= SLOT_STEPS;
          stack[sp - 1] = vm.state.balance(accessAccount(vm, r, a));
          break;
        case 0x47:
          stack[sp++] = vm.state.balance(r.address);
          break;
        case 0x3b:
          steps -= SLOT_STEPS;
          stack[sp - 1] = BigInt(vm.state.code(accessAccount(vm, r, a)).length);
          break;
        case 0x3f:
          steps -= SLOT_STEPS;
          stack[sp - 1] = codeHashWord(vm, accessAccount(vm, r, a));
          break;
        case 0x3c: {
          const size = r.size(stack[sp - 4] as bigint);
          r.use(Math.ceil(size / 32) * 3);
          steps -= SLOT_STEPS + (size >> COPY_SHIFT);
          const start = r.expand(b, size);
          const source = vm.state.code(accessAccount(vm, r, a));
          if (size !== 0) copyPadded(r.memory, start, { source, from: stack[sp - 3] as bigint, size });
          sp -= 4;
          break;
        }
        case 0x32:
          stack[sp++] = BigInt(bytesToHex(env.origin.bytes));
          break;
        case 0x33:
          stack[sp++] = r.callerWord;
          break;
        case 0x34:
          stack[sp++] = env.callValue;
          break;
        case 0x35:
          stack[sp - 1] = loadWord(env.callData, a);
          break;
        case 0x36:
          stack[sp++] = BigInt(env.callData.length);
          break;
        case 0x38:
          stack[sp++] = BigInt(code.length);
          break;
        case 0x3a:
          stack[sp++] = env.gasPrice;
          break;
        case 0x3d:
          stack[sp++] = BigInt(state.returnBytes.length);
          break;
        case 0x37:
        case 0x39:
        case 0x3e: {
          const size = r.size(stack[sp - 3] as bigint);
          r.use(Math.ceil(size / 32) * 3);
          steps -= size >> COPY_SHIFT;
          const start = r.expand(a, size);
          const source = op === 0x37 ? env.callData : op === 0x39 ? code : state.returnBytes;
          if (op === 0x3e && b + BigInt(size) > BigInt(source.length)) {
            throw new Halt(MESSAGES.OUT_OF_GAS, "return data out of bounds");
          }
          if (size !== 0) copyPadded(r.memory, start, { source, from: b, size });
          sp -= 3;
          break;
        }
        case 0x50:
          sp--;
          break;
        case 0x51: {
          const start = r.expand(a, 32);
          stack[sp - 1] = readWord(r.view, start);
          break;
        }
        case 0x52: {
          const start = r.expand(a, 32);
          writeWord(r.view, start, b);
          sp -= 2;
          break;
        }
        case 0x53: {
          const start = r.expand(a, 1);
          r.memory[start] = Number(b & 0xffn);
          sp -= 2;
          break;
        }
        case 0x54:
          steps -= SLOT_STEPS;
          r.use(sloadGas(vm, r.address, a));
          stack[sp - 1] = vm.state.slot(r.address, a);
          break;
        case 0x55:
          steps -= SLOT_STEPS;
          sstore(frame, vm, { registers: r, slot: a, value: b });
          sp -= 2;
          break;
        case 0x56:
          pc = jumpTarget(r, a);
          sp--;
          continue;
        case 0x57:
          sp -= 2;
          if (b === 0n) break;
          pc = jumpTarget(r, a);
          continue;
        case 0x58:
          stack[sp++] = BigInt(pc);
          break;
        case 0x59:
          stack[sp++] = BigInt(r.memoryBytes);
          break;
        case 0x5a:
          stack[sp++] = r.wholeGas;
          break;
        case 0x5b:
          break;
        case 0x5c:
          stack[sp - 1] = transient(frame, vm, { slot: a });
          break;
        case 0x5d:
          transient(frame, vm, { slot: a, value: b });
          sp -= 2;
          break;
        case 0x5e: {
          const size = r.size(stack[sp - 3] as bigint);
          r.use(Math.ceil(size / 32) * 3);
          steps -= size >> COPY_SHIFT;
          const to = r.expand(a, size);
          const from = r.expand(b, size);
          if (size !== 0) r.memory.copyWithin(to, from, from + size);
          sp -= 3;
          break;
        }
        case 0xa0:
        case 0xa1:
        case 0xa2:
        case 0xa3:
        case 0xa4: {
          if (env.isStatic) throw new Halt(MESSAGES.STATIC_STATE_CHANGE, "write protection");
          const topics = op - 0xa0;
          const size = r.size(b);
          r.use(topics * 375 + size * 8);
          steps -= size >> COPY_SHIFT;
          const start = r.expand(a, size);
          const data = r.memory.slice(start, start + size);
          logEntry(frame, vm, { address: r.address, stack, top: sp - 2, topics, data });
          sp -= 2 + topics;
          break;
        }
        case 0xf3:
        case 0xfd: {
          const size = r.size(b);
          const start = r.expand(a, size);
          frame._result.returnValue = size === 0 ? NO_BYTES : r.memory.slice(start, start + size);
          return op === 0xf3 ? ENDED.stop : ENDED.revert;
        }
        default:
          throw new Error(`opcode ${op} is not fast`);
      }
      pc++;
    }
  } finally {
    if (r.gas < 0) r.gas = 0;
    r.store();
    state.programCounter = pc;
    state.stack._len = sp;
  }
}

function jumpTarget(r: Registers, target: bigint): number {
  const pc = Number(target);
  if (r.jumps[pc] !== 1) throw new Halt(MESSAGES.INVALID_JUMP, "invalid jump destination");
  return pc;
}

/** Exponentiation modulo 2^256, by squaring. */
function power(base: bigint, exponent: bigint): bigint {
  if (base === 2n) return exponent >= 256n ? 0n : 1n << exponent;
  let result = 1n;
  for (let rest = exponent; rest !== 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * base) & WORD_MASK;
    base = (base * base) & WORD_MASK;
  }
  return result;
}
