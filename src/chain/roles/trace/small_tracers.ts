import type { FrameStart, Hooks, Step } from "../../../evm/hooks.ts";
import { precompilesOf } from "../../../evm/precompiles/table.ts";
import type { Address, Hash } from "../../../primitives/types.ts";
import { bytesToHex } from "../../../primitives/hex.ts";
import { keccak256 } from "../../../crypto/keccak.ts";
import { type ActiveTracer, TraceSize, type TraceSubject } from "./active_tracer.ts";
import { opcodeMemory } from "./step_memory.ts";

/** Traces nothing (geth's noopTracer), to measure the cost of tracing itself. */
export class NoopTracer implements ActiveTracer {
  readonly hooks: Hooks = {};

  start(): void {
    // There is nothing to remember.
  }

  finish(): string {
    return "{}";
  }
}

/** Counts the called functions by the length of their arguments (geth's native/4byte.go). */
export class FourByteTracer implements ActiveTracer {
  readonly #counts = new Map<string, number>();
  readonly hooks: Hooks = { onEnter: (frame) => this.#count(frame) };
  #precompiles: ReadonlyMap<Address, unknown> = new Map();

  start({ rules }: TraceSubject): void {
    this.#precompiles = precompilesOf(rules.fork);
  }

  finish(): string {
    return sortedJson(this.#counts, (count) => `${count}`);
  }

  #count({ type, to, input }: FrameStart): void {
    if (input.length < 4 || type === "CREATE" || type === "CREATE2" || type === "SELFDESTRUCT") return;
    // Arguments of precompiled contracts are no functions.
    if (this.#precompiles.has(to)) return;
    const key = `0x${input.subarray(0, 4).toHex()}-${input.length - 4}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}

const KECCAK256 = 0x20;

/** Collects hashed data by its hash (geth's native/keccak256_preimage.go). */
export class PreimageTracer implements ActiveTracer {
  readonly #preimages = new Map<Hash, Uint8Array>();
  readonly #size = new TraceSize();
  readonly hooks: Hooks = { opcodes: [KECCAK256], onStep: (step) => this.#step(step) };

  start(): void {
    // A transaction's hashes are all its own.
  }

  finish(): string {
    return sortedJson(this.#preimages, (preimage) => `"${bytesToHex(preimage)}"`);
  }

  #step(step: Step): void {
    if (step.op !== KECCAK256 || step.stackSize < 2) return;
    const preimage = opcodeMemory(step, { offset: step.peek(0), size: step.peek(1) });
    if (preimage === undefined) return;
    const hash = bytesToHex(keccak256(preimage));
    if (this.#preimages.has(hash)) return;
    this.#size.add(preimage.length * 2);
    this.#preimages.set(hash, preimage);
  }
}

/** Encodes a map as Go does, sorted by its keys. */
export function sortedJson<T>(map: ReadonlyMap<string, T>, json: (value: T) => string): string {
  const entries = [...map].sort(([a], [b]) => a < b ? -1 : 1);
  return `{${entries.map(([key, value]) => `"${key}":${json(value)}`).join(",")}}`;
}
