import type { MessageResult } from "../../../evm/message.ts";
import { revertReason } from "../../../evm/revert.ts";
import { type ActiveTracer, TraceSize, type TraceSubject } from "./active_tracer.ts";
import type { FrameEnd, FrameLog, FrameObserver, FrameStart } from "../../../evm/call_frames.ts";
import { bytesToHex, quantity } from "../../../primitives/hex.ts";

export interface CallTracerOptions {
  readonly onlyTopCall?: boolean;
  readonly withLog?: boolean;
}

interface OpenFrame {
  readonly start: FrameStart;
  readonly calls: CallFrame[];
  readonly logs: string[];
  /** How many logs it and the calls in it have made so far. */
  made: number;
}

interface CallFrame {
  readonly start: FrameStart;
  readonly end: FrameEnd;
  readonly calls: readonly CallFrame[];
  readonly logs: readonly string[];
}

/** What a frame's fixed fields come to in text, about. */
const FRAME_CHARACTERS = 300;

/** The calls of a transaction as a tree (geth's eth/tracers/native/call.go). */
export class CallTracer implements ActiveTracer, FrameObserver {
  readonly #onlyTopCall: boolean;
  readonly #withLog: boolean;
  readonly #open: OpenFrame[] = [];
  readonly #size = new TraceSize();
  #gasLimit = 0n;
  /** The number of the next log in its block; a failed frame gives its numbers back. */
  #nextLog = 0;
  #top: CallFrame | undefined;

  constructor({ onlyTopCall = false, withLog = false }: CallTracerOptions) {
    this.#onlyTopCall = onlyTopCall;
    this.#withLog = withLog;
  }

  get frames(): FrameObserver {
    return this;
  }

  start({ gasLimit, logsBefore }: TraceSubject): void {
    this.#gasLimit = gasLimit;
    this.#nextLog = logsBefore;
  }

  enter(start: FrameStart): void {
    // A frame that is not shown is entered all the same, so that its end and its logs find their place.
    const isShown = this.#isShown(start.depth);
    if (isShown) this.#size.add(FRAME_CHARACTERS + start.input.length * 2);
    this.#open.push({ start, calls: [], logs: [], made: 0 });
  }

  exit(end: FrameEnd): void {
    const open = this.#open.pop();
    if (open === undefined) return;
    const parent = this.#open.at(-1);
    if (end.error !== undefined) this.#nextLog -= open.made;
    else if (parent !== undefined) parent.made += open.made;
    const frame = { ...open, end };
    if (this.#isShown(open.start.depth)) this.#size.add(end.output.length * 2);
    if (parent === undefined) this.#top = frame;
    else if (!this.#onlyTopCall) parent.calls.push(frame);
  }

  log({ address, topics, data: bytes }: FrameLog): void {
    const frame = this.#open.at(-1);
    if (!this.#withLog || frame === undefined) return;
    const index = this.#nextLog++;
    frame.made++;
    if (!this.#isShown(frame.start.depth)) return;
    const text = `{"address":"${address}","topics":${JSON.stringify(topics)},"data":"${bytesToHex(bytes)}",` +
      `"index":"${quantity(index)}","position":"${quantity(frame.calls.length)}"}`;
    this.#size.add(text.length);
    frame.logs.push(text);
  }

  finish({ gasUsed }: MessageResult): string {
    if (this.#top === undefined) throw new Error("a traced transaction has no frame");
    return frameJson(this.#top, { gas: this.#gasLimit, gasUsed, failed: false });
  }

  #isShown(depth: number): boolean {
    return depth === 0 || !this.#onlyTopCall;
  }
}

/** In the order of geth's generated encoder. The gas of the outermost frame is the whole transaction's. */
function frameJson(
  { start, end, calls, logs }: CallFrame,
  outer: { readonly gas: bigint; readonly gasUsed: bigint; readonly failed: boolean },
): string {
  const { type, from, to, input, value } = start;
  const failed = outer.failed || end.error !== undefined;
  const isFailedCreation = end.error !== undefined && (type === "CREATE" || type === "CREATE2");
  const reason = end.isRevert ? revertReason(end.output) : undefined;
  let text = `{"from":"${from}","gas":"${quantity(outer.gas)}","gasUsed":"${quantity(outer.gasUsed)}"`;
  if (!isFailedCreation) text += `,"to":"${to}"`;
  text += `,"input":"${bytesToHex(input)}"`;
  if (end.output.length !== 0) text += `,"output":"${bytesToHex(end.output)}"`;
  if (end.error !== undefined) text += `,"error":${JSON.stringify(end.error)}`;
  if (reason !== undefined) text += `,"revertReason":${JSON.stringify(reason)}`;
  if (calls.length !== 0) {
    const inner = calls.map((call) => frameJson(call, { gas: call.start.gas, gasUsed: call.end.gasUsed, failed }));
    text += `,"calls":[${inner.join(",")}]`;
  }
  // What a failed frame logged was never logged.
  if (logs.length !== 0 && !failed) text += `,"logs":[${logs.join(",")}]`;
  if (value !== undefined) text += `,"value":"${quantity(value)}"`;
  return `${text},"type":"${type}"}`;
}
