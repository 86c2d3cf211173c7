import type { Address, Hash } from "../../../eth/types.ts";
import type { StructLogOptions } from "../../../node/trace.ts";
import type { Execution } from "../../../evm/machine.ts";
import type { MessageResult } from "../../../evm/message.ts";
import type { Step } from "../../../evm/step.ts";
import { type ActiveTracer, TextList, type TraceSubject } from "./active_tracer.ts";
import { item } from "../../../evm/call_frames.ts";
import { bytesToHex, quantity, wordHex } from "../../../primitives/hex.ts";

const SLOAD = 0x54;
const SSTORE = 0x55;
const WORD_DIGITS = 64;

/** Every instruction with what it saw (geth's eth/tracers/logger). Each is turned into text at once. */
export class StructLogger implements ActiveTracer {
  readonly #options: StructLogOptions;
  readonly #lines = new TextList();
  /** What has been read or written so far, by contract. */
  readonly #storage = new Map<Address, Map<Hash, Hash>>();
  #execution: Execution | undefined;

  constructor(options: StructLogOptions) {
    this.#options = options;
  }

  start({ execution }: TraceSubject): void {
    this.#execution = execution;
  }

  readonly onStep = (step: Step): void => {
    const { limit = 0 } = this.#options;
    if (limit === 0 || this.#lines.characters <= limit) this.#lines.push(this.#line(step));
  };

  finish(result: MessageResult): string {
    const { error, gasUsed } = result;
    const returned = error === undefined || error.kind === "revert" ? bytesToHex(result.returnData) : "0x";
    return `{"gas":${gasUsed},"failed":${error !== undefined},"returnValue":"${returned}",` +
      `"structLogs":${this.#lines.text()}}`;
  }

  // Built by hand: a long trace is nothing but these.
  #line(step: Step): string {
    const { enableMemory = false, disableStack = false, disableStorage = false, enableReturnData = false } =
      this.#options;
    let line = `{"pc":${step.pc},"op":"${step.name}","gas":${step.gas},"gasCost":${step.cost},"depth":${step.depth}`;
    // geth notices what is no instruction only when it runs, after the tracer has looked at it.
    if (step.error !== undefined && !step.error.startsWith("invalid opcode")) {
      line += `,"error":${JSON.stringify(step.error)}`;
    }
    if (!disableStack) line += `,"stack":${stackJson(step)}`;
    if (enableReturnData) {
      const { returnBytes } = step.frame._runState;
      if (returnBytes.length !== 0) line += `,"returnData":"${bytesToHex(returnBytes)}"`;
    }
    if (enableMemory && step.memoryWords !== 0n) line += `,"memory":${memoryJson(step)}`;
    if (!disableStorage) line += this.#storageJson(step);
    return step.refund === 0n ? `${line}}` : `${line},"refund":${step.refund}}`;
  }

  #storageJson(step: Step): string {
    const { _len: size } = step.frame._runState.stack;
    const isRead = step.op === SLOAD && size >= 1;
    if (!isRead && !(step.op === SSTORE && size >= 2)) return "";
    const address = bytesToHex(step.frame._env.address.bytes);
    let slots = this.#storage.get(address);
    if (slots === undefined) this.#storage.set(address, slots = new Map());
    const slot = item(step, 0);
    const value = isRead ? this.#execution?.state.slot(address, slot) ?? 0n : item(step, 1);
    slots.set(wordHex(slot), wordHex(value));
    // Sorted, as Go encodes maps.
    const entries = [...slots].sort(([a], [b]) => a < b ? -1 : 1).map(([key, held]) => `"${key}":"${held}"`);
    return `,"storage":{${entries.join(",")}}`;
  }
}

function stackJson(step: Step): string {
  const { _store: stack, _len: size } = step.frame._runState.stack;
  if (size === 0) return "[]";
  let text = `["${quantity(stack[0] ?? 0n)}"`;
  for (let index = 1; index < size; index++) text += `,"${quantity(stack[index] ?? 0n)}"`;
  return `${text}]`;
}

function memoryJson(step: Step): string {
  const bytes = Number(step.memoryWords) * 32;
  const digits = step.frame._runState.memory._store.subarray(0, bytes).toHex().padEnd(bytes * 2, "0");
  const words: string[] = [];
  for (let at = 0; at < digits.length; at += WORD_DIGITS) words.push(`"0x${digits.slice(at, at + WORD_DIGITS)}"`);
  return `[${words.join(",")}]`;
}
