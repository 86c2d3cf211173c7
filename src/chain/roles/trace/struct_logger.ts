import type { StructLogOptions } from "../../../eth/types.ts";
import type { Hooks, Step } from "../../../evm/hooks.ts";
import type { MessageResult } from "../../../evm/message.ts";
import { OP } from "../../../evm/opcodes.ts";
import type { Address, Hash } from "../../../primitives/types.ts";
import { bytesToHex, quantity, wordHex } from "../../../primitives/hex.ts";
import { type ActiveTracer, TextList, type TracedState, type TraceSubject } from "./active_tracer.ts";
import { sortedJson } from "./small_tracers.ts";

const WORD_DIGITS = 64;

/** Traces every instruction with its stack, memory and storage (geth's eth/tracers/logger). Each is encoded at once. */
export class StructLogger implements ActiveTracer {
  readonly #options: StructLogOptions;
  readonly #lines = new TextList();
  /** The slots that have been read or written so far, by contract. */
  readonly #storage = new Map<Address, Map<Hash, Hash>>();
  readonly hooks: Hooks = { onStep: (step) => this.#step(step) };
  #state: TracedState | undefined;

  constructor(options: StructLogOptions) {
    this.#options = options;
  }

  start({ state }: TraceSubject): void {
    this.#state = state;
  }

  finish(result: MessageResult): string {
    const { error, gasUsed } = result;
    const returned = error === undefined || error.kind === "revert" ? bytesToHex(result.returnData) : "0x";
    return `{"gas":${gasUsed},"failed":${error !== undefined},"returnValue":"${returned}",` +
      `"structLogs":${this.#lines.text()}}`;
  }

  #step(step: Step): void {
    const { limit = 0 } = this.#options;
    if (limit === 0 || this.#lines.characters <= limit) this.#lines.push(this.#line(step));
  }

  // Written without JSON.stringify for speed: a long trace consists of these.
  #line(step: Step): string {
    const { enableMemory = false, disableStack = false, disableStorage = false, enableReturnData = false } =
      this.#options;
    const { error, refund } = step;
    let line = `{"pc":${step.pc},"op":"${step.name}","gas":${step.gas},"gasCost":${step.cost},"depth":${step.depth}`;
    if (error !== undefined) line += `,"error":${JSON.stringify(error)}`;
    if (!disableStack) line += `,"stack":${stackJson(step.stack())}`;
    if (enableReturnData) {
      const returned = step.returnData();
      if (returned.length !== 0) line += `,"returnData":"${bytesToHex(returned)}"`;
    }
    if (enableMemory && step.memoryBytes !== 0) line += `,"memory":${memoryJson(step)}`;
    // An instruction that does not run reads and writes nothing.
    if (!disableStorage && error === undefined) line += this.#storageJson(step);
    return refund === 0n ? `${line}}` : `${line},"refund":${refund}}`;
  }

  #storageJson(step: Step): string {
    const { op, stackSize } = step;
    const isRead = op === OP.sload && stackSize >= 1;
    if (!isRead && !(op === OP.sstore && stackSize >= 2)) return "";
    const { address } = step;
    let slots = this.#storage.get(address);
    if (slots === undefined) this.#storage.set(address, slots = new Map());
    const slot = step.peek(0);
    const value = isRead ? this.#state?.slot(address, slot) ?? 0n : step.peek(1);
    slots.set(wordHex(slot), wordHex(value));
    return `,"storage":${sortedJson(slots, (held) => `"${held}"`)}`;
  }
}

function stackJson(stack: readonly bigint[]): string {
  const [first, ...rest] = stack;
  if (first === undefined) return "[]";
  let text = `["${quantity(first)}"`;
  for (const word of rest) text += `,"${quantity(word)}"`;
  return `${text}]`;
}

function memoryJson(step: Step): string {
  const digits = step.memory(0, step.memoryBytes).toHex();
  const words: string[] = [];
  for (let at = 0; at < digits.length; at += WORD_DIGITS) words.push(`"0x${digits.slice(at, at + WORD_DIGITS)}"`);
  return `[${words.join(",")}]`;
}
