import type { FrameEnd, FrameStart } from "../../../evm/hooks.ts";
import type { EvmLog } from "../../../primitives/receipt.ts";
import { bytesToHex, quantity } from "../../../primitives/hex.ts";
import { TraceSize, type TraceSubject } from "./active_tracer.ts";

/** A frame with the frames inside it. */
export interface CallNode {
  readonly start: FrameStart;
  /** Undefined while it runs. */
  end: FrameEnd | undefined;
  readonly calls: CallNode[];
  /** JSON texts. */
  readonly logs: string[];
  /** The number of logs that it and the calls inside it have made so far. */
  made: number;
}

export interface CallTreeOptions {
  /** True to keep the outermost frame only. */
  readonly onlyTopCall?: boolean;
  readonly withLog?: boolean;
}

/** The approximate text length of a frame's fixed fields. */
const FRAME_CHARACTERS = 300;

const CODE_NOT_PAID = "contract creation code storage out of gas";

/** Collects the calls of one transaction as a tree. */
export class CallTree {
  readonly #options: CallTreeOptions;
  readonly #open: CallNode[] = [];
  readonly #size = new TraceSize();
  /** The number of the next log in its block; the numbers of a failed frame are used again. */
  #nextLog = 0;
  #top: CallNode | undefined;
  /** In Frontier a creation that cannot pay for its code stays, without code: geth's tracers show no error then (EIP-2). */
  #keepsUnpaidCode = false;

  constructor(options: CallTreeOptions) {
    this.#options = options;
  }

  /** The outermost frame. */
  get top(): CallNode {
    if (this.#top === undefined) throw new Error("a traced transaction has no frame");
    return this.#top;
  }

  /** The frame that runs. */
  get innermost(): CallNode | undefined {
    return this.#open.at(-1);
  }

  start({ logsBefore, rules }: Pick<TraceSubject, "logsBefore" | "rules">): void {
    this.#nextLog = logsBefore;
    this.#keepsUnpaidCode = !rules.has("homestead");
  }

  readonly enter = (start: FrameStart): void => {
    // A frame that is not shown is entered as well, so that its end and its logs have a place.
    if (this.#isShown(start.depth)) this.#size.add(FRAME_CHARACTERS + start.input.length * 2);
    const node: CallNode = { start, end: undefined, calls: [], logs: [], made: 0 };
    this.#top ??= node;
    this.#open.push(node);
  };

  readonly exit = (given: FrameEnd): void => {
    const node = this.#open.pop();
    if (node === undefined) return;
    const isKept = this.#keepsUnpaidCode && given.error === CODE_NOT_PAID;
    const end = isKept ? { ...given, error: undefined } : given;
    node.end = end;
    const parent = this.#open.at(-1);
    if (end.error !== undefined) this.#nextLog -= node.made;
    else if (parent !== undefined) parent.made += node.made;
    if (!this.#isShown(node.start.depth)) return;
    this.#size.add(end.output.length * 2);
    parent?.calls.push(node);
  };

  readonly log = ({ address, topics, data }: EvmLog): void => {
    const node = this.innermost;
    if (this.#options.withLog !== true || node === undefined) return;
    const index = this.#nextLog++;
    node.made++;
    if (!this.#isShown(node.start.depth)) return;
    const text = `{"address":"${address}","topics":${JSON.stringify(topics)},"data":"${bytesToHex(data)}",` +
      `"index":"${quantity(index)}","position":"${quantity(node.calls.length)}"}`;
    this.#size.add(text.length);
    node.logs.push(text);
  };

  /** Counts further characters that a tracer keeps. */
  grow(characters: number): void {
    this.#size.add(characters);
  }

  #isShown(depth: number): boolean {
    return depth === 0 || this.#options.onlyTopCall !== true;
  }
}
