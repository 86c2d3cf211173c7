import { EVMError } from "@ethereumjs/evm";
import { Halt, haltText } from "./halt.ts";
import type { Frame, FrameState, OpEntry } from "./library.ts";
import { ENDED, runFast } from "./fast_loop.ts";
import { REENTRANCY_SENTRY_TEXT } from "./fast_ops.ts";
import { createFromEf00 } from "./init_code.ts";
import { codeAnalysis } from "./jumps.ts";
import { longKeccak } from "./long_keccak.ts";
import { Registers } from "./registers.ts";
import type { Vm } from "./vm.ts";

const MESSAGES = EVMError.errorMessages;

/** Traced instructions between two looks at the clock: each costs 2 to 10 us (measured). */
const TRACED_STEPS_PER_LOOK = 16;
const KECCAK256 = 0x20;
const SSTORE = 0x55;
const CREATE = 0xf0;
const CREATE2 = 0xf5;

/** Runs a frame's code, in fast stretches with the library's handlers one at a time between them; tells why it halted. */
export async function runFrame(frame: Frame, vm: Vm, code: Uint8Array): Promise<EVMError | undefined> {
  try {
    await (vm.onStep === undefined ? runUntraced(frame, vm, code) : runTraced(frame, vm, code));
  } catch (error) {
    if (!(error instanceof EVMError)) throw error;
    if (error.error !== MESSAGES.STOP) return error;
  }
  return undefined;
}

async function runUntraced(frame: Frame, vm: Vm, code: Uint8Array): Promise<void> {
  const state = frame._runState;
  const registers = new Registers(frame, code);
  for (;;) {
    const ended = runFast(frame, vm, registers);
    if (ended === ENDED.stop) return;
    if (ended === ENDED.revert) throw new Halt(MESSAGES.REVERT, "execution reverted");
    // Before every slow instruction as well: each takes 5 us to 1 ms, and a deep recursion is made of nothing else.
    if (vm.pacer?.isDue === true) await vm.pacer.pause();
    if (ended === ENDED.look) continue;
    const op = code[state.programCounter] ?? 0;
    checkStack(vm, state, op);
    state.opCode = op;
    if (op === KECCAK256) await longKeccak(frame, vm, registers);
    else {
      const result = step(frame, entryOf(vm, op));
      if (result !== undefined) await result;
    }
  }
}

/** The library's handlers for every instruction, with their cost known before they run. */
async function runTraced(frame: Frame, vm: Vm, code: Uint8Array): Promise<void> {
  const state = frame._runState;
  state.validJumps = codeAnalysis(code).jumps();
  let steps = 0;
  while (state.programCounter < code.length) {
    if (++steps % TRACED_STEPS_PER_LOOK === 0 && vm.pacer?.isDue === true) await vm.pacer.pause();
    const op = code[state.programCounter] ?? 0;
    state.opCode = op;
    await tracedStep(frame, entryOf(vm, op), vm);
  }
  emitStop(frame, vm);
}

function entryOf(vm: Vm, op: number): OpEntry {
  const entry = vm.ops.entries[op];
  if (entry === undefined) throw new Error(`no entry for opcode ${op}`);
  return entry;
}

function checkStack(vm: Vm, state: FrameState, op: number): void {
  const size = state.stack._len;
  const least = vm.ops.minStack[op] ?? 0;
  const most = vm.ops.maxStack[op] ?? 0;
  if (vm.ops.isInvalid[op] === 1) {
    // geth names 0xfe, the designated invalid instruction (EIP-141), and numbers the others.
    const what = op === 0xfe ? "INVALID" : `opcode 0x${op.toString(16)} not defined`;
    throw new Halt(MESSAGES.INVALID_OPCODE, `invalid opcode: ${what}`);
  }
  if (size < least) throw new Halt(MESSAGES.STACK_UNDERFLOW, `stack underflow (${size} <=> ${least})`);
  if (size > most) throw new Halt(MESSAGES.STACK_OVERFLOW, `stack limit reached ${size} (${most})`);
}

/** Charges and runs one instruction; a promise only where the library needs one. */
function step(frame: Frame, entry: OpEntry): Promise<void> | undefined {
  const state = frame._runState;
  const { opcodeInfo, gasHandler } = entry;
  if (gasHandler === undefined) {
    frame.useGas(opcodeInfo.feeBigInt);
    return execute(frame, entry);
  }
  const gas = gasHandler(state, opcodeInfo.feeBigInt, frame.common);
  if (typeof gas === "bigint") {
    frame.useGas(gas);
    return execute(frame, entry);
  }
  return gas.then((amount) => {
    frame.useGas(amount);
    return execute(frame, entry);
  });
}

function execute(frame: Frame, entry: OpEntry): Promise<void> | undefined {
  const state = frame._runState;
  state.programCounter++;
  const creation = createFromEf00(frame);
  if (creation !== undefined) return creation;
  const result = entry.opHandler(state, frame.common);
  return entry.opcodeInfo.isAsync ? result as Promise<void> : undefined;
}

async function tracedStep(frame: Frame, entry: OpEntry, vm: Vm): Promise<void> {
  const state = frame._runState;
  const { opcodeInfo, gasHandler } = entry;
  const gasBefore = state.gasLeft;
  // The gas handlers count the new size before the memory grows; geth's tracers look at the old one.
  const memoryWords = state.memoryWordCount;
  const name = opcodeInfo.isInvalid && state.opCode !== 0xfe
    ? `opcode 0x${state.opCode.toString(16)} not defined`
    : opcodeInfo.fullName;
  const report = (cost: bigint, error: string | undefined) =>
    vm.onStep?.({
      pc: state.programCounter,
      op: state.opCode,
      name,
      gas: gasBefore,
      cost,
      depth: frame._env.depth + 1,
      forwarded: error === undefined ? state.messageGasLimit : undefined,
      memoryWords,
      // As geth, whose gas functions add to it before the tracer looks (core/vm/operations_acl.go, makeGasSStoreFunc).
      refund: state.gasRefund,
      error,
      frame,
    });
  let cost = opcodeInfo.feeBigInt;
  try {
    checkStack(vm, state, state.opCode);
    state.messageGasLimit = undefined;
    if (gasHandler !== undefined) {
      cost = await gasHandler(state, cost, frame.common);
    }
    if (state.gasLeft < cost) throw new Halt(MESSAGES.OUT_OF_GAS, "out of gas");
  } catch (error) {
    const named = sentry(error, state.opCode);
    if (named instanceof EVMError) report(cost, haltText(named));
    throw named;
  }
  // A creation hands on what is left after its cost was taken (geth's opCreate), a call counts it in (gasCall).
  const isCreation = state.opCode === CREATE || state.opCode === CREATE2;
  report(isCreation ? cost : cost + (state.messageGasLimit ?? 0n), undefined);
  frame.useGas(cost);
  await execute(frame, entry);
}

/** geth says why an SSTORE with little gas fails (EIP-2200), the library only that it does. */
function sentry(error: unknown, op: number): unknown {
  const isPlain = error instanceof EVMError && !(error instanceof Halt) && error.error === MESSAGES.OUT_OF_GAS;
  return isPlain && op === SSTORE ? new Halt(MESSAGES.OUT_OF_GAS, REENTRANCY_SENTRY_TEXT) : error;
}

/** Code that runs off its end stops there: geth's tracers show that STOP. */
function emitStop(frame: Frame, vm: Vm): void {
  const state = frame._runState;
  vm.onStep?.({
    pc: state.programCounter,
    op: 0,
    name: "STOP",
    gas: state.gasLeft,
    cost: 0n,
    depth: frame._env.depth + 1,
    forwarded: undefined,
    memoryWords: state.memoryWordCount,
    refund: state.gasRefund,
    error: undefined,
    frame,
  });
}
