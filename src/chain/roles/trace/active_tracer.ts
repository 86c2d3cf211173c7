import type { Hooks } from "../../../evm/hooks.ts";
import type { MessageResult } from "../../../evm/message.ts";
import type { Rules } from "../../../evm/forks.ts";
import type { Code } from "../../../state/code.ts";
import type { Address, Authorization, Hash } from "../../../primitives/types.ts";
import { serverError } from "../../../rpc/error.ts";

/** The present state, for a tracer to read. */
export interface TracedState {
  account(address: Address): { readonly nonce: bigint; readonly balance: bigint; readonly code: Code } | undefined;
  slot(address: Address, slot: bigint): bigint;
}

/** The place of a traced transaction in its block; a traced call has none. */
export interface TracePlace {
  readonly blockHash: Hash | null;
  readonly blockNumber: bigint;
  readonly transactionHash: Hash | null;
  readonly transactionIndex: number;
  /** The number of logs before it in its block. */
  readonly logsBefore: number;
}

/** The transaction or call that is about to be traced. */
export interface TraceSubject extends TracePlace {
  readonly state: TracedState;
  readonly rules: Rules;
  readonly coinbase: Address;
  readonly from: Address;
  /** Null creates a contract. */
  readonly to: Address | null;
  readonly gasLimit: bigint;
  readonly authorizations: readonly Authorization[];
}

/** A tracer of one transaction. */
export interface ActiveTracer {
  /** The hooks that it needs; read after `start`. */
  readonly hooks: Hooks;
  start(subject: TraceSubject): void;
  /** Returns the trace as JSON text; `state` is the one after the transaction. */
  finish(result: MessageResult): string;
}

/** The place of a call. */
export const NOWHERE: TracePlace = {
  blockHash: null,
  blockNumber: 0n,
  transactionHash: null,
  transactionIndex: 0,
  logsBefore: 0,
};

/** The most text of one trace: clients refuse longer messages (Deno above 64 MiB, the npm package ws above 100). */
const MAX_TRACE_CHARACTERS = 60 * 1024 * 1024;

/** Counts the text that a tracer keeps, and ends the trace when there is too much. */
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

/** The number of pieces that are joined at once: a piece that was made with `+` takes ten times its text (measured). */
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
