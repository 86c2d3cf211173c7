import type { Address, Authorization } from "../../../eth/types.ts";
import { serverError } from "../../../rpc/error.ts";
import type { Execution } from "../../../evm/machine.ts";
import type { MessageResult } from "../../../evm/message.ts";
import type { StepHook } from "../../../evm/step.ts";
import type { FrameObserver } from "../../../evm/call_frames.ts";

/** What is about to be traced, before anything of it has happened. */
export interface TraceSubject {
  readonly execution: Execution;
  readonly from: Address;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly gasLimit: bigint;
  readonly authorizations: readonly Authorization[];
  /** How many logs its block has before it. */
  readonly logsBefore: number;
}

/** One tracer at work on one transaction. */
export interface ActiveTracer {
  start(subject: TraceSubject): void;
  readonly onStep?: StepHook;
  readonly frames?: FrameObserver;
  /** The trace as JSON text; the state is the one after the transaction. */
  finish(result: MessageResult): string;
}

/** The most text that one trace may become: clients refuse longer messages (Deno at 64 MiB, the npm package ws at 100). */
const MAX_TRACE_CHARACTERS = 60 * 1024 * 1024;

/** Counts what a tracer holds, and ends it when that is too much. */
export class TraceSize {
  #characters = 0;

  get characters(): number {
    return this.#characters;
  }

  add(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MAX_TRACE_CHARACTERS) {
      throw serverError(`trace too large: more than ${MAX_TRACE_CHARACTERS} characters; narrow it by its options`);
    }
  }
}

/** Pieces that are joined before they are many: a piece that was put together with `+` takes ten times its text (measured). */
const PIECES_PER_CHUNK = 256;

/** A long JSON list that grows item by item. */
export class TextList {
  readonly #size = new TraceSize();
  readonly #chunks: string[] = [];
  #pieces: string[] = [];

  get characters(): number {
    return this.#size.characters;
  }

  push(piece: string): void {
    this.#size.add(piece.length);
    if (this.#pieces.push(piece) < PIECES_PER_CHUNK) return;
    this.#chunks.push(this.#pieces.join(","));
    this.#pieces = [];
  }

  /** The list with its brackets. */
  text(): string {
    if (this.#pieces.length !== 0) this.#chunks.push(this.#pieces.join(","));
    this.#pieces = [];
    return `[${this.#chunks.join(",")}]`;
  }
}
