import type { Address } from "../primitives/types.ts";
import { CORE_WASM } from "./core_wasm.ts";
import * as layout from "./core/layout.ts";

/** What the core exports; see core/core.ts. Entries, records and places are addresses in its memory. */
interface CoreExports {
  readonly memory: WebAssembly.Memory;
  seed(a: bigint, b: bigint, c: bigint): void;
  forget(): void;
  memories(): number;
  heapBytes(): number;
  restore(): void;
  adopt(): void;
  account(): number;
  accountLoaded(entry: number, flags: number): void;
  slot(entry: number): number;
  slotLoaded(entry: number): void;
  code(bytes: number): number;
  codeLoaded(record: number, entry: number): void;
  setCode(entry: number, record: number): void;
  setBalance(entry: number): void;
  addBalance(entry: number): void;
  setNonce(entry: number, nonce: bigint): void;
  setSlot(entry: number): void;
  ensure(entry: number): void;
  clearStorage(entry: number): void;
  remove(entry: number): void;
  warmAccount(entry: number): void;
  warmSlot(entry: number): void;
  setPrecompile(entry: number, number: number, isBuiltIn: number): void;
  firstChangedAccount(): number;
  firstChangedSlot(): number;
  begin(): void;
  addRefund(gas: bigint): void;
  blobHashes(count: number): number;
  mark(): number;
  undo(to: number): void;
  input(bytes: number): number;
  prepare(kind: number, from: number, to: number, gas: bigint, inputBytes: number): void;
  trace(what: number): void;
  run(work: bigint): number;
  precompileOutput(bytes: number): number;
  precompileDone(halt: number, gasUsed: bigint): void;
  blockHash(number: bigint): void;
  finish(): void;
}

let compiled: WebAssembly.Module | undefined;

/** Compiled when the first instance is wanted: it takes a few milliseconds, which the start does not have to pay for. */
function coreModule(): WebAssembly.Module {
  return compiled ??= new WebAssembly.Module(Uint8Array.fromBase64(CORE_WASM));
}

const LIMB = (1n << 64n) - 1n;

/** One core with its memory, and the ways to read and write that. Knows no rules and no state. */
export class Instance {
  readonly core: CoreExports;
  #bytes: Uint8Array;
  #view: DataView;

  constructor() {
    this.core = new WebAssembly.Instance(coreModule()).exports as unknown as CoreExports;
    const { buffer } = this.core.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
    // The tables are keyed, because clients choose addresses and slots and could choose some that collide.
    const [a = 0n, b = 0n, c = 0n] = crypto.getRandomValues(new BigUint64Array(3));
    this.core.seed(a, b, c);
    this.core.forget();
  }

  get bytes(): Uint8Array {
    // A memory that has grown leaves its old views empty.
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.core.memory.buffer);
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(this.core.memory.buffer);
      this.#view = new DataView(this.#bytes.buffer);
    } else if (this.#view.buffer !== this.#bytes.buffer) this.#view = new DataView(this.#bytes.buffer);
    return this.#view;
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  u64(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }

  setU32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  setU64(at: number, value: bigint): void {
    this.view.setBigUint64(at, value, true);
  }

  /** A word as the stack holds it. */
  word(at: number): bigint {
    const { view } = this;
    const low = view.getBigUint64(at, true);
    const second = view.getBigUint64(at + 8, true);
    const third = view.getBigUint64(at + 16, true);
    const high = view.getBigUint64(at + 24, true);
    if (high === 0n && third === 0n) return second === 0n ? low : second << 64n | low;
    return ((high << 64n | third) << 64n | second) << 64n | low;
  }

  setWord(at: number, value: bigint): void {
    const { view } = this;
    const isShort = value <= LIMB;
    view.setBigUint64(at, isShort ? value : value & LIMB, true);
    view.setBigUint64(at + 8, isShort ? 0n : value >> 64n & LIMB, true);
    view.setBigUint64(at + 16, isShort ? 0n : value >> 128n & LIMB, true);
    view.setBigUint64(at + 24, isShort ? 0n : value >> 192n & LIMB, true);
  }

  /** Writes a word as 32 big-endian bytes. */
  setBigEndian(at: number, value: bigint): void {
    const { view } = this;
    const isShort = value <= LIMB;
    view.setBigUint64(at, isShort ? 0n : value >> 192n & LIMB);
    view.setBigUint64(at + 8, isShort ? 0n : value >> 128n & LIMB);
    view.setBigUint64(at + 16, isShort ? 0n : value >> 64n & LIMB);
    view.setBigUint64(at + 24, isShort ? value : value & LIMB);
  }

  /** A copy of a part of the memory. */
  copy(at: number, size: number): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(at, at + size) as Uint8Array<ArrayBuffer>;
  }

  /** The hex of a part of the memory, without prefix. */
  hex(at: number, size: number): string {
    return this.bytes.subarray(at, at + size).toHex();
  }

  /** The address in a word of the stack or of a record. */
  address(at: number): Address {
    const { view } = this;
    const high = view.getUint32(at + 16, true);
    const middle = view.getBigUint64(at + 8, true);
    const low = view.getBigUint64(at, true);
    return `0x${
      high.toString(16).padStart(8, "0") + middle.toString(16).padStart(16, "0") + low.toString(16).padStart(16, "0")
    }`;
  }

  /** The entry of an address, whose values may not be known. */
  entry(address: Address): number {
    const { bytes } = this;
    bytes.subarray(layout.IN, layout.IN + 20).setFromHex(address.slice(2));
    return this.core.account();
  }
}
