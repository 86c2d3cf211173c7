import type { Address } from "../primitives/types.ts";
import { bytesToHex } from "../primitives/hex.ts";
import { addressAt, FrameWatcher, item } from "./call_frames.ts";
import type { Hooks, Step } from "./hooks.ts";
import type { Execution } from "./machine.ts";
import { opcodeName } from "./opcode_names.ts";
import type { Step as MachineStep, StepHook } from "./step.ts";

/** Runs `work` with hooks; each instruction must be shown to the function that it is given. */
export async function withHooks<T>(
  execution: Execution,
  hooks: Hooks,
  work: (onStep: StepHook | undefined) => Promise<T>,
): Promise<T> {
  const { opcodes, onStep, onEnter, onExit, onLog } = hooks;
  const followsFrames = onEnter !== undefined || onExit !== undefined || onLog !== undefined;
  if (onStep === undefined && !followsFrames) return await work(undefined);
  const watcher = new FrameWatcher(execution, {
    enter: (frame) => onEnter?.({ ...frame, isPrecompile: execution.vm.builtIn.has(frame.to.slice(2)) }),
    exit: (end) => onExit?.(end),
    log: (log) => onLog?.(log),
  });
  const wanted = opcodes === undefined ? undefined : new Set(opcodes);
  return await watcher.during(() =>
    work((step) => {
      if (onStep !== undefined && (wanted === undefined || wanted.has(step.op))) onStep(new StepOf(step));
      if (followsFrames) watcher.onStep(step);
    })
  );
}

/** An instruction of the library's frames, as hooks see it. */
class StepOf implements Step {
  readonly #step: MachineStep;

  constructor(step: MachineStep) {
    this.#step = step;
  }

  get pc(): number {
    return this.#step.pc;
  }

  get op(): number {
    return this.#step.op;
  }

  get name(): string {
    return opcodeName(this.#step.op);
  }

  get gas(): bigint {
    return this.#step.gas;
  }

  get cost(): bigint {
    return this.#step.cost;
  }

  get depth(): number {
    return this.#step.depth;
  }

  get forwarded(): bigint {
    return this.#step.forwarded ?? 0n;
  }

  get refund(): bigint {
    return this.#step.refund;
  }

  get error(): string | undefined {
    const { error } = this.#step;
    // geth notices what is no instruction only when it runs, after the tracer has looked at it.
    return error?.startsWith("invalid opcode") === true ? undefined : error;
  }

  get address(): Address {
    return bytesToHex(this.#step.frame._env.address.bytes);
  }

  get codeAddress(): Address {
    return bytesToHex(this.#step.frame._env.codeAddress.bytes);
  }

  get caller(): Address {
    return bytesToHex(this.#step.frame._env.caller.bytes);
  }

  get value(): bigint {
    return this.#step.frame._env.callValue;
  }

  get isStatic(): boolean {
    return this.#step.frame._env.isStatic;
  }

  get stackSize(): number {
    return this.#step.frame._runState.stack._len;
  }

  peek(index: number): bigint {
    return item(this.#step, index);
  }

  addressAt(index: number): Address {
    return addressAt(this.#step, index);
  }

  stack(): bigint[] {
    const { _store: words, _len: size } = this.#step.frame._runState.stack;
    return words.slice(0, size);
  }

  get memoryBytes(): number {
    return Number(this.#step.memoryWords) * 32;
  }

  memory(offset: number, size: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(size);
    const end = Math.min(offset + size, this.memoryBytes);
    if (end > offset) bytes.set(this.#step.frame._runState.memory._store.subarray(offset, end));
    return bytes;
  }

  returnData(): Uint8Array<ArrayBuffer> {
    return this.#step.frame._runState.returnBytes.slice();
  }

  input(): Uint8Array<ArrayBuffer> {
    return this.#step.frame._env.callData.slice();
  }

  code(): Uint8Array<ArrayBuffer> {
    return this.#step.frame._env.code.slice();
  }
}
