import { EVMError } from "@ethereumjs/evm";
import { Halt } from "./halt.ts";
import { codeAnalysis } from "./jumps.ts";
import type { Address } from "../eth/types.ts";
import type { Frame, FrameState } from "./library.ts";
import { bytesToHex } from "../primitives/hex.ts";

const MESSAGES = EVMError.errorMessages;
const MAX_SAFE_GAS = BigInt(Number.MAX_SAFE_INTEGER);
/** Above this geth's memory gas no longer fits 64 bits (core/vm/gas_table.go, memoryGasCost). */
const MAX_MEMORY_BYTES = 0x1fffffffe0;
const MIN_GROWTH_BYTES = 8192;

export function outOfGas(): Halt {
  return new Halt(MESSAGES.OUT_OF_GAS, "out of gas");
}

/**
 * A frame's gas and memory as plain numbers: the library keeps them as bigints, which costs an allocation for each
 * instruction. Loaded from the frame when a stretch of fast instructions begins, stored back when it ends.
 */
export class Registers {
  gas = 0;
  memory: Uint8Array;
  view: DataView;
  readonly pushes: (bigint | undefined)[];
  readonly code: Uint8Array;
  readonly state: FrameState;
  #words = 0;
  #memoryGas = 0;
  /** Gas beyond what a double holds exactly: an unmetered call (--rpc.gascap 0) has 2^63. */
  #reserve = 0n;
  #jumps: Uint8Array | undefined;

  readonly #frame: Frame;
  #address: Address | undefined;
  #callerWord: bigint | undefined;

  constructor(frame: Frame, code: Uint8Array) {
    const state = frame._runState;
    this.#frame = frame;
    this.state = state;
    this.code = code;
    this.pushes = codeAnalysis(code).pushes;
    this.memory = state.memory._store;
    this.view = viewOf(this.memory);
  }

  /** The contract whose storage the frame works on. */
  get address(): Address {
    return this.#address ??= bytesToHex(this.#frame._env.address.bytes);
  }

  get callerWord(): bigint {
    return this.#callerWord ??= BigInt(bytesToHex(this.#frame._env.caller.bytes));
  }

  get memoryBytes(): number {
    return this.#words * 32;
  }

  get jumps(): Uint8Array {
    return this.#jumps ??= codeAnalysis(this.code).jumps();
  }

  load(): void {
    const { state } = this;
    const { gasLeft } = state;
    this.#reserve = gasLeft > MAX_SAFE_GAS ? gasLeft - MAX_SAFE_GAS : 0n;
    this.gas = Number(gasLeft - this.#reserve);
    this.#words = Number(state.memoryWordCount);
    this.#memoryGas = Number(state.highestMemCost);
    if (this.memory !== state.memory._store) {
      this.memory = state.memory._store;
      this.view = viewOf(this.memory);
    }
    // The library charges for memory before it has it: a call pays for its output and may write nothing.
    this.#provide();
  }

  store(): void {
    const { state } = this;
    state.gasLeft = BigInt(this.gas) + this.#reserve;
    state.memoryWordCount = BigInt(this.#words);
    state.highestMemCost = BigInt(this.#memoryGas);
  }

  /** All gas that is left, for the GAS instruction. */
  get wholeGas(): bigint {
    return BigInt(this.gas) + this.#reserve;
  }

  use(gas: number): void {
    this.gas -= gas;
    if (this.gas < 0) throw outOfGas();
  }

  /** Pays for memory up to the end of a range, and provides it; the range as numbers. Size zero touches nothing. */
  expand(offset: bigint, size: number): number {
    const start = Number(offset);
    if (size === 0) return start;
    const end = start + size;
    if (end > this.#words * 32) this.#grow(end);
    return start;
  }

  /** The size of a range; one that no memory can have costs more gas than there is. */
  size(size: bigint): number {
    const bytes = Number(size);
    if (bytes > MAX_MEMORY_BYTES) throw gasOverflow();
    return bytes;
  }

  #grow(end: number): void {
    if (end > MAX_MEMORY_BYTES) throw gasOverflow();
    const words = Math.ceil(end / 32);
    const gas = words * 3 + Math.floor(words * words / 512);
    this.use(gas - this.#memoryGas);
    this.#memoryGas = gas;
    this.#words = words;
    this.#provide();
  }

  #provide(): void {
    const bytes = this.#words * 32;
    if (bytes <= this.memory.length) return;
    // Doubled: the library grows by 8 KB at a time and copies everything each time.
    const grown = new Uint8Array(Math.max(bytes, this.memory.length * 2, MIN_GROWTH_BYTES));
    grown.set(this.memory);
    this.memory = this.state.memory._store = grown;
    this.view = viewOf(grown);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function gasOverflow(): Halt {
  return new Halt(MESSAGES.OUT_OF_GAS, "gas uint64 overflow");
}

/** Reads 32 bytes as a number; most words are short, so whole zero quarters are skipped. */
export function readWord(view: DataView, at: number): bigint {
  const a = view.getBigUint64(at);
  const b = view.getBigUint64(at + 8);
  const c = view.getBigUint64(at + 16);
  const d = view.getBigUint64(at + 24);
  if (a === 0n) {
    if (b === 0n) return c === 0n ? d : (c << 64n) | d;
    return (b << 128n) | (c << 64n) | d;
  }
  return (((a << 64n) | b) << 128n) | (c << 64n) | d;
}

/** Writes a number as 32 bytes; setBigUint64 takes what fits and drops the rest. */
export function writeWord(view: DataView, at: number, value: bigint): void {
  view.setBigUint64(at + 24, value);
  if (value <= 0xffffffffffffffffn) {
    view.setBigUint64(at, 0n);
    view.setBigUint64(at + 8, 0n);
    view.setBigUint64(at + 16, 0n);
    return;
  }
  view.setBigUint64(at + 16, value >> 64n);
  view.setBigUint64(at + 8, value >> 128n);
  view.setBigUint64(at, value >> 192n);
}
