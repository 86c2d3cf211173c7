import type { FrameEnd, Hooks, Step } from "../../../evm/hooks.ts";
import type { MessageResult } from "../../../evm/message.ts";
import { OP } from "../../../evm/opcodes.ts";
import { bytesToHex, quantity, wordHex } from "../../../primitives/hex.ts";
import type { Address } from "../../../primitives/types.ts";
import type { ActiveTracer, TracedState, TraceSubject } from "./active_tracer.ts";
import { type FrameContext, frameHead, innerContext } from "./call_tracer.ts";
import { type CallNode, CallTree } from "./call_tree.ts";
import { FrameUse, useJson } from "./frame_use.ts";
import { opcodeMemory } from "./step_memory.ts";

export interface Erc7562Options {
  /** The number of stack items that are kept of each instruction for the next one; 3 when absent or 0. */
  readonly stackTopItemsSize?: number;
  /** Opcodes that are not counted; pushes, copies and plain arithmetic when absent. */
  readonly ignoredOpcodes?: readonly bigint[];
  readonly withLog?: boolean;
}

const EXT_CODES: readonly number[] = [OP.extCodeHash, OP.extCodeSize, OP.extCodeCopy];
const CALLS: readonly number[] = [OP.call, OP.callCode, OP.delegateCall, OP.staticCall];
const GAS = 0x5a;
const KECCAK256 = 0x20;
const ISZERO = 0x15;
const RETURN = 0xf3;
const REVERT = 0xfd;

/** PUSH0 to SWAP16, and POP, ADD, SUB, MUL, DIV, EQ, LT, GT, SLT, SGT, SHL, SHR, AND, OR, NOT, ISZERO. */
const DEFAULT_IGNORED: readonly number[] = [
  ...Array.from({ length: 0x9f - 0x5f + 1 }, (_, index) => 0x5f + index),
  ...[0x50, 0x01, 0x03, 0x02, 0x04, 0x14, 0x10, 0x11, 0x12, 0x13, 0x1b, 0x1c, 0x16, 0x17, 0x19, ISZERO],
];

/** Traces for the bundler of an ERC-4337 user operation (geth's eth/tracers/native/erc7562.go). */
export class Erc7562Tracer implements ActiveTracer {
  readonly #ignored: ReadonlySet<number>;
  readonly #tree: CallTree;
  readonly #uses = new Map<CallNode, FrameUse>();
  readonly #preimages = new Set<string>();
  readonly hooks: Hooks;
  #last: { readonly op: number; readonly target: Address } | undefined;
  #state: TracedState | undefined;
  #gasLimit = 0n;

  constructor({ ignoredOpcodes, withLog = false }: Erc7562Options) {
    this.#ignored = new Set(ignoredOpcodes?.map((op) => Number(BigInt.asUintN(8, op))) ?? DEFAULT_IGNORED);
    this.#tree = new CallTree({ withLog });
    const { enter: onEnter, log: onLog } = this.#tree;
    this.hooks = { onEnter, onLog, onExit: (end) => this.#exit(end), onStep: (step) => this.#step(step) };
  }

  start(subject: TraceSubject): void {
    this.#state = subject.state;
    this.#gasLimit = subject.gasLimit;
    this.#tree.start(subject);
  }

  finish({ gasUsed }: MessageResult): string {
    return this.#frameJson(this.#tree.top, { gas: this.#gasLimit, gasUsed, failed: false });
  }

  #useOf(node: CallNode): FrameUse {
    let use = this.#uses.get(node);
    if (use === undefined) this.#uses.set(node, use = new FrameUse());
    return use;
  }

  #exit(end: FrameEnd): void {
    const node = this.#tree.innermost;
    // geth leaves it out for the outermost frame.
    if (node !== undefined && end.depth > 0 && isOutOfGas(end.error)) this.#useOf(node).isOutOfGas = true;
    this.#tree.exit(end);
  }

  #step(step: Step): void {
    const { op, stackSize } = step;
    const node = this.#tree.innermost;
    if (node === undefined) return;
    const use = this.#useOf(node);
    if (op === REVERT || op === RETURN) this.#last = undefined;
    const last = this.#last;
    // [OP-051]: asking for the size of code only to see whether there is any is allowed.
    const isAllowed = last?.op === OP.extCodeSize && op === ISZERO;
    if (last !== undefined && EXT_CODES.includes(last.op) && !isAllowed) use.extCodes.push(last.target);
    const isCall = CALLS.includes(op);
    const isExtCode = EXT_CODES.includes(op);
    // [OP-041]
    const at = isExtCode ? 0 : 1;
    if ((isExtCode || isCall) && stackSize > at) {
      const target = step.addressAt(at);
      if (!use.contractSizes.has(target)) {
        const size = this.#state?.account(target)?.code.bytes.length ?? 0;
        use.contractSizes.set(target, { size, op });
      }
    }
    // [OP-012]: GAS may be used by a call only.
    if (last?.op === GAS && !isCall) use.count(GAS);
    if (op !== GAS && !this.#ignored.has(op)) use.count(op);
    if (stackSize > 0) this.#access(step, use);
    if (op === KECCAK256 && stackSize > 1) {
      const preimage = opcodeMemory(step, { offset: step.peek(0), size: step.peek(1) });
      if (preimage !== undefined) this.#keepPreimage(bytesToHex(preimage));
    }
    this.#last = { op, target: step.addressAt(0) };
  }

  #access(step: Step, { slots }: FrameUse): void {
    const slot = wordHex(step.peek(0));
    const kind = slots.kindOf(step.op);
    if (kind === undefined) return;
    if (kind !== "reads") slots.count(kind, slot);
    // What was there before the operation: not what it wrote itself.
    else slots.read(slot, () => wordHex(this.#state?.slot(step.address, step.peek(0)) ?? 0n));
  }

  #keepPreimage(preimage: string): void {
    if (this.#preimages.has(preimage)) return;
    this.#tree.grow(preimage.length);
    this.#preimages.add(preimage);
  }

  /** Encodes a frame in the order of geth's generated encoder. */
  #frameJson(node: CallNode, outer: FrameContext): string {
    const { start, end, calls, logs } = node;
    const failed = outer.failed || end?.error !== undefined;
    let text = `{${frameHead(node, outer)}`;
    if (logs.length !== 0 && !failed) text += `,"logs":[${logs.join(",")}]`;
    if (start.value !== undefined) text += `,"value":"${quantity(start.value)}"`;
    text += `,${useJson(this.#useOf(node))}`;
    if (start.depth === 0 && this.#preimages.size !== 0) {
      text += `,"keccak":[${[...this.#preimages].sort().map((preimage) => `"${preimage}"`).join(",")}]`;
    }
    if (calls.length !== 0) {
      text += `,"calls":[${calls.map((call) => this.#frameJson(call, innerContext(call, failed))).join(",")}]`;
    }
    return `${text},"type":"${start.type}"}`;
  }
}

function isOutOfGas(error: string | undefined): boolean {
  return error === "contract creation code storage out of gas" || error === "out of gas" ||
    error?.startsWith("out of gas: ") === true;
}
