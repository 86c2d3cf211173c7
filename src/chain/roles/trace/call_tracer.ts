import type { MessageResult } from "../../../evm/message.ts";
import { revertReason } from "../../../evm/revert.ts";
import type { ActiveTracer, TraceSubject } from "./active_tracer.ts";
import { type CallNode, CallTree, type CallTreeOptions } from "./call_tree.ts";
import { bytesToHex, quantity } from "../../../primitives/hex.ts";
import type { Hooks } from "../../../evm/hooks.ts";

/** Traces the calls of a transaction as a tree (geth's eth/tracers/native/call.go). */
export class CallTracer implements ActiveTracer {
  readonly #tree: CallTree;
  readonly hooks: Hooks;
  #gasLimit = 0n;

  constructor(options: CallTreeOptions) {
    this.#tree = new CallTree(options);
    const { enter: onEnter, exit: onExit, log: onLog } = this.#tree;
    this.hooks = { onEnter, onExit, onLog };
  }

  start(subject: TraceSubject): void {
    this.#gasLimit = subject.gasLimit;
    this.#tree.start(subject);
  }

  finish({ gasUsed }: MessageResult): string {
    return frameJson(this.#tree.top, { gas: this.#gasLimit, gasUsed, failed: false });
  }
}

/** The facts that a frame passes on to the frames inside it. */
export interface FrameContext {
  /** The gas of the outermost frame is the whole transaction's. */
  readonly gas: bigint;
  readonly gasUsed: bigint;
  /** True when it failed, and with it everything inside it. */
  readonly failed: boolean;
}

/** Returns the {@link FrameContext} for a frame inside this one. */
export function innerContext({ start, end }: CallNode, failed: boolean): FrameContext {
  return { gas: start.gas, gasUsed: end?.gasUsed ?? 0n, failed };
}

/** Encodes the members of a frame up to its calls, in the order of geth's generated encoder. */
export function frameHead({ start, end }: CallNode, { gas, gasUsed }: FrameContext): string {
  const { type, from, to, input } = start;
  const isFailedCreation = end?.error !== undefined && (type === "CREATE" || type === "CREATE2");
  const reason = end?.isRevert === true ? revertReason(end.output) : undefined;
  let text = `"from":"${from}","gas":"${quantity(gas)}","gasUsed":"${quantity(gasUsed)}"`;
  if (!isFailedCreation) text += `,"to":"${to}"`;
  text += `,"input":"${bytesToHex(input)}"`;
  if (end !== undefined && end.output.length !== 0) text += `,"output":"${bytesToHex(end.output)}"`;
  if (end?.error !== undefined) text += `,"error":${JSON.stringify(end.error)}`;
  if (reason !== undefined) text += `,"revertReason":${JSON.stringify(reason)}`;
  return text;
}

function frameJson(node: CallNode, outer: FrameContext): string {
  const { start, end, calls, logs } = node;
  const failed = outer.failed || end?.error !== undefined;
  let text = `{${frameHead(node, outer)}`;
  if (calls.length !== 0) {
    text += `,"calls":[${calls.map((call) => frameJson(call, innerContext(call, failed))).join(",")}]`;
  }
  // The logs of a failed frame do not exist.
  if (logs.length !== 0 && !failed) text += `,"logs":[${logs.join(",")}]`;
  if (start.value !== undefined) text += `,"value":"${quantity(start.value)}"`;
  return `${text},"type":"${start.type}"}`;
}
