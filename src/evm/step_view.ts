import type { Address } from "../primitives/types.ts";
import * as layout from "./core/layout.ts";
import { haltText } from "./halt.ts";
import type { Step } from "./hooks.ts";
import type { Instance } from "./instance.ts";
import { opcodeName } from "./opcode_names.ts";
import { haltReason } from "./run_result.ts";
import { ZERO_ADDRESS } from "../primitives/hex.ts";

/** The machine of an instance that has stopped before an instruction. */
export class StepView implements Step {
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  get pc(): number {
    return this.#instance.u32(layout.OUT_PC);
  }

  get op(): number {
    return this.#instance.u32(layout.OUT_OP);
  }

  get name(): string {
    return opcodeName(this.op);
  }

  get gas(): bigint {
    return this.#instance.u64(layout.OUT_GAS);
  }

  get cost(): bigint {
    return this.#instance.u64(layout.OUT_COST);
  }

  get depth(): number {
    return this.#instance.u32(layout.OUT_DEPTH);
  }

  get forwarded(): bigint {
    return this.#instance.u64(layout.OUT_FORWARDED);
  }

  get refund(): bigint {
    return this.#instance.u64(layout.OUT_REFUND);
  }

  get error(): string | undefined {
    const reason = haltReason(this.#instance);
    return reason === undefined ? undefined : haltText(reason);
  }

  get address(): Address {
    return this.#instance.address(this.#pointer(layout.FRAME_ACCOUNT));
  }

  get codeAddress(): Address {
    return this.#instance.address(this.#pointer(layout.FRAME_CODE_ACCOUNT));
  }

  get caller(): Address {
    return this.#instance.address(this.#frame + layout.FRAME_CALLER);
  }

  get value(): bigint {
    return this.#instance.word(this.#frame + layout.FRAME_VALUE);
  }

  get isStatic(): boolean {
    return this.#pointer(layout.FRAME_IS_STATIC) !== 0;
  }

  get stackSize(): number {
    return (this.#pointer(layout.FRAME_SP) - this.#pointer(layout.FRAME_STACK)) / layout.WORD_BYTES;
  }

  peek(index: number): bigint {
    const at = this.#wordAt(index);
    return at === undefined ? 0n : this.#instance.word(at);
  }

  addressAt(index: number): Address {
    const at = this.#wordAt(index);
    return at === undefined ? ZERO_ADDRESS : this.#instance.address(at);
  }

  stack(): bigint[] {
    const bottom = this.#pointer(layout.FRAME_STACK);
    return Array.from(
      { length: this.stackSize },
      (_, index) => this.#instance.word(bottom + index * layout.WORD_BYTES),
    );
  }

  get memoryBytes(): number {
    return this.#pointer(layout.FRAME_MEMORY_BYTES);
  }

  memory(offset: number, size: number): Uint8Array<ArrayBuffer> {
    const part = new Uint8Array(size);
    const had = Math.max(0, Math.min(size, this.memoryBytes - offset));
    if (had === 0) return part;
    const start = this.#instance.core.memories() + this.#pointer(layout.FRAME_MEMORY) + offset;
    part.set(this.#instance.bytes.subarray(start, start + had));
    return part;
  }

  returnData(): Uint8Array<ArrayBuffer> {
    return this.#instance.copy(this.#instance.u32(layout.OUT_RETURNED), this.#instance.u32(layout.OUT_RETURNED_BYTES));
  }

  input(): Uint8Array<ArrayBuffer> {
    const start = this.#instance.core.memories() + this.#pointer(layout.FRAME_INPUT);
    return this.#instance.copy(start, this.#pointer(layout.FRAME_INPUT_BYTES));
  }

  code(): Uint8Array<ArrayBuffer> {
    return this.#instance.copy(this.#pointer(layout.FRAME_CODE), this.#pointer(layout.FRAME_CODE_BYTES));
  }

  get #frame(): number {
    return this.#instance.u32(layout.OUT_FRAME);
  }

  #pointer(field: number): number {
    return this.#instance.u32(this.#frame + field);
  }

  #wordAt(index: number): number | undefined {
    const at = this.#pointer(layout.FRAME_SP) - (index + 1) * layout.WORD_BYTES;
    return at < this.#pointer(layout.FRAME_STACK) ? undefined : at;
  }
}
