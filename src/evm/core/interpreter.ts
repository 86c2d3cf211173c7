/**
 * The loop over the instructions of one frame. What it needs most lies in locals; before it leaves to anything that looks at
 * the frame, or may move memory, they go into the frame's record, and come back from there.
 */
import * as environment from "./environment";
import { frame, memories } from "./heap";
import { lookCloser, stackFault } from "./faults";
import * as instructions from "./instructions";
import {
  FRAME_CODE,
  FRAME_CODE_BYTES,
  FRAME_GAS,
  FRAME_IP,
  FRAME_JUMPS,
  FRAME_MEMORY,
  FRAME_MEMORY_BYTES,
  FRAME_SP,
  FRAME_STACK,
  HALT_INVALID_JUMP,
  HALT_NONE,
  HALT_REVERT,
  OPS,
} from "./layout";
import * as blobs from "./blobs";
import * as output from "./output";
import { budget, end, GO_ON, setBudget, setShown, traced } from "./run";
import * as arithmetic from "./arithmetic";
import * as words from "./words";

/** Runs the frame until something else is to be done: an exit, or a new phase. */
export function interpret(): i32 {
  const code: usize = load<u32>(frame, FRAME_CODE), codeBytes = <u64> load<u32>(frame, FRAME_CODE_BYTES);
  const jumps: usize = load<u32>(frame, FRAME_JUMPS), stack: usize = load<u32>(frame, FRAME_STACK);
  let ip: usize = load<u32>(frame, FRAME_IP);
  let sp: usize = load<u32>(frame, FRAME_SP);
  let gas = load<i64>(frame, FRAME_GAS);
  let memory: usize = memories + load<u32>(frame, FRAME_MEMORY);
  let memoryBytes = <u64> load<u32>(frame, FRAME_MEMORY_BYTES);
  const gasAtStart = gas;
  // Below this the loop looks closer: the gas is used up, or the work that is allowed, or every instruction is shown.
  const floor: i64 = traced != 0 ? i64.MAX_VALUE : gas > budget ? gas - budget : 0;
  while (true) {
    const op = <u32> load<u8>(ip);
    const entry = load<u64>(<usize> OPS + (<usize> op << 3));
    const used = <u32> (sp - stack);
    if (used - (<u32> (entry >> 32) & 0xffff) > <u32> (entry >> 48)) {
      save(ip, sp, gas, gasAtStart);
      return stackFault(op, used, entry);
    }
    const constant = <i64> (entry & 0xffffffff);
    gas -= constant;
    if (gas < floor) {
      gas += constant;
      save(ip, sp, gas, gas);
      const exit = lookCloser(op, constant);
      if (exit != GO_ON) {
        setBudget(budget - (gasAtStart - gas));
        return exit;
      }
      gas -= constant;
    }
    ip++;
    switch (op) {
      case 0x00: // STOP
        save(ip, sp, gas, gasAtStart);
        output.clearOutput();
        return end(HALT_NONE);
      case 0x01: // ADD
        words.add(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x02: // MUL
        arithmetic.multiply(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x03: // SUB
        words.subtract(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x04: // DIV
        arithmetic.quotient(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x05: // SDIV
        arithmetic.signedQuotient(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x06: // MOD
        arithmetic.remainder(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x07: // SMOD
        arithmetic.signedRemainder(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x08: // ADDMOD
        arithmetic.addModulo(sp - 32, sp - 64, sp - 96);
        sp -= 64;
        break;
      case 0x09: // MULMOD
        arithmetic.multiplyModulo(sp - 32, sp - 64, sp - 96);
        sp -= 64;
        break;
      case 0x0b: // SIGNEXTEND
        words.signExtend(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x10: // LT
        words.set(sp - 64, u64(words.isLess(sp - 32, sp - 64)));
        sp -= 32;
        break;
      case 0x11: // GT
        words.set(sp - 64, u64(words.isLess(sp - 64, sp - 32)));
        sp -= 32;
        break;
      case 0x12: // SLT
        words.set(sp - 64, u64(words.isSignedLess(sp - 32, sp - 64)));
        sp -= 32;
        break;
      case 0x13: // SGT
        words.set(sp - 64, u64(words.isSignedLess(sp - 64, sp - 32)));
        sp -= 32;
        break;
      case 0x14: // EQ
        words.set(sp - 64, u64(words.isEqual(sp - 32, sp - 64)));
        sp -= 32;
        break;
      case 0x15: // ISZERO
        words.set(sp - 32, u64(words.isZero(sp - 32)));
        break;
      case 0x16: // AND
        words.and(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x17: // OR
        words.or(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x18: // XOR
        words.exclusiveOr(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x19: // NOT
        words.not(sp - 32);
        break;
      case 0x1a: // BYTE
        words.byteAt(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x1b: // SHL
        words.shiftLeft(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x1c: // SHR
        words.shiftRight(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x1d: // SAR
        words.shiftRightSigned(sp - 32, sp - 64);
        sp -= 32;
        break;
      case 0x1e: // CLZ
        words.set(sp - 32, words.leadingZeros(sp - 32));
        break;
      case 0x30:
      case 0x32:
      case 0x33:
      case 0x34:
      case 0x36:
      case 0x38:
      case 0x3a:
      case 0x3d:
      case 0x41:
      case 0x42:
      case 0x43:
      case 0x44:
      case 0x45:
      case 0x46:
      case 0x47:
      case 0x48:
      case 0x4a:
        environment.push(op, sp); // What is around the frame.
        sp += 32;
        break;
      case 0x35: // CALLDATALOAD
        environment.inputWord(sp - 32);
        break;
      case 0x49: // BLOBHASH
        blobs.hashAt(sp - 32);
        break;
      case 0x50: // POP
        sp -= 32;
        break;
      case 0x51: // MLOAD
      case 0x52: // MSTORE
      case 0x53: { // MSTORE8
        const offset = load<u64>(sp - 32), bytes: u64 = op == 0x53 ? 1 : 32;
        if (!words.isShort(sp - 32) || offset >= memoryBytes || offset + bytes > memoryBytes) {
          save(ip, sp, gas, gas);
          if (instructions.growFor(sp - 32, bytes) != GO_ON) {
            setBudget(budget - (gasAtStart - gas));
            return -1;
          }
          gas = load<i64>(frame, FRAME_GAS);
          memory = memories + load<u32>(frame, FRAME_MEMORY);
          memoryBytes = <u64> load<u32>(frame, FRAME_MEMORY_BYTES);
        }
        const at = memory + <usize> offset;
        if (op == 0x51) words.fromBytes(sp - 32, at);
        else {
          if (op == 0x52) words.toBytes(at, sp - 64);
          else store<u8>(at, load<u8>(sp - 64));
          sp -= 64;
        }
        break;
      }
      case 0x56: // JUMP
      case 0x57: { // JUMPI
        const to = sp - 32;
        if (op == 0x57) {
          sp -= 64;
          if (words.isZero(sp)) break;
        } else sp -= 32;
        const target = load<u64>(to);
        if (
          !words.isShort(to) || target >= codeBytes ||
          (load<u8>(jumps + <usize> (target >> 3)) >> <u8> (target & 7) & 1) == 0
        ) {
          save(ip, sp, gas, gasAtStart);
          return end(HALT_INVALID_JUMP);
        }
        ip = code + <usize> target;
        // The JUMPDEST there costs 1 and does nothing: it is passed over, unless the loop has to look closer at it.
        if (gas > floor) {
          gas--;
          ip++;
        }
        break;
      }
      case 0x58: // PC
        words.set(sp, ip - 1 - code);
        sp += 32;
        break;
      case 0x59: // MSIZE
        words.set(sp, memoryBytes);
        sp += 32;
        break;
      case 0x5a: // GAS
        words.set(sp, gas);
        sp += 32;
        break;
      case 0x5b: // JUMPDEST
        break;
      case 0x5f: // PUSH0
        words.clear(sp);
        sp += 32;
        break;
      case 0x60: // PUSH1
        words.set(sp, load<u8>(ip));
        ip++;
        sp += 32;
        break;
      case 0x61: // PUSH2
        words.set(sp, <u64> bswap<u16>(load<u16>(ip)));
        ip += 2;
        sp += 32;
        break;
      case 0x62: // PUSH3 to PUSH8
      case 0x63:
      case 0x64:
      case 0x65:
      case 0x66:
      case 0x67:
        words.set(sp, bswap<u64>(load<u64>(ip)) >> <u64> ((0x67 - op) << 3));
        ip += op - 0x5f;
        sp += 32;
        break;
      case 0x68: // PUSH9 to PUSH31
      case 0x69:
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x6d:
      case 0x6e:
      case 0x6f:
      case 0x70:
      case 0x71:
      case 0x72:
      case 0x73:
      case 0x74:
      case 0x75:
      case 0x76:
      case 0x77:
      case 0x78:
      case 0x79:
      case 0x7a:
      case 0x7b:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        words.fromShortBytes(sp, ip, op - 0x5f);
        ip += op - 0x5f;
        sp += 32;
        break;
      case 0x7f: // PUSH32
        words.fromBytes(sp, ip);
        ip += 32;
        sp += 32;
        break;
      case 0x80: // DUP1 to DUP16
      case 0x81:
      case 0x82:
      case 0x83:
      case 0x84:
      case 0x85:
      case 0x86:
      case 0x87:
      case 0x88:
      case 0x89:
      case 0x8a:
      case 0x8b:
      case 0x8c:
      case 0x8d:
      case 0x8e:
      case 0x8f:
        words.copy(sp, sp - ((op - 0x7f) << 5));
        sp += 32;
        break;
      case 0x90: // SWAP1 to SWAP16
      case 0x91:
      case 0x92:
      case 0x93:
      case 0x94:
      case 0x95:
      case 0x96:
      case 0x97:
      case 0x98:
      case 0x99:
      case 0x9a:
      case 0x9b:
      case 0x9c:
      case 0x9d:
      case 0x9e:
      case 0x9f:
        words.swap(sp - 32, sp - ((op - 0x8e) << 5));
        break;
      case 0xf3: // RETURN
        save(ip, sp, gas, gasAtStart);
        return instructions.leave(sp, HALT_NONE);
      case 0xfd: // REVERT
        save(ip, sp, gas, gasAtStart);
        return instructions.leave(sp, HALT_REVERT);
      default: { // All others; what the fork does not have has been seen above.
        save(ip, sp, gas, gas);
        const exit = instructions.run(op, sp);
        if (exit != GO_ON) {
          // One that wants something is run again.
          if (exit > GO_ON) undo(ip - 1, gas + constant);
          setBudget(budget - (gasAtStart - load<i64>(frame, FRAME_GAS)));
          return exit;
        }
        sp = load<u32>(frame, FRAME_SP);
        gas = load<i64>(frame, FRAME_GAS);
        memory = memories + load<u32>(frame, FRAME_MEMORY);
        memoryBytes = <u64> load<u32>(frame, FRAME_MEMORY_BYTES);
        break;
      }
    }
  }
}

/** Puts the registers into the frame, and takes what was spent since from the budget. */

function save(ip: usize, sp: usize, gas: i64, gasBefore: i64): void {
  store<u32>(frame, ip, FRAME_IP);
  store<u32>(frame, sp, FRAME_SP);
  store<i64>(frame, gas, FRAME_GAS);
  if (gas != gasBefore) setBudget(budget - (gasBefore - gas));
}

function undo(ip: usize, gas: i64): void {
  store<u32>(frame, ip, FRAME_IP);
  store<i64>(frame, gas, FRAME_GAS);
  if (traced != 0) setShown(true);
}
