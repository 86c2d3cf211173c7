import type { Address, Hash } from "../../../primitives/types.ts";
import { quantity } from "../../../primitives/hex.ts";
import { sortedJson } from "./small_tracers.ts";

type SlotUse = "reads" | "writes" | "transientReads" | "transientWrites";

const USE_OF: Readonly<Record<number, SlotUse>> = {
  0x54: "reads",
  0x55: "writes",
  0x5c: "transientReads",
  0x5d: "transientWrites",
};

/** Slots that a frame has used: the values that it read, how often it did anything else. */
export class SlotUses {
  readonly #reads = new Map<Hash, Hash>();
  readonly #counts = {
    writes: new Map<Hash, number>(),
    transientReads: new Map<Hash, number>(),
    transientWrites: new Map<Hash, number>(),
  };

  /** What an opcode does to a slot, undefined for one that does nothing to any. */
  kindOf(op: number): SlotUse | undefined {
    return USE_OF[op];
  }

  /** Keeps the value of a slot that was neither read nor written before. */
  read(slot: Hash, value: () => Hash): void {
    if (!this.#reads.has(slot) && !this.#counts.writes.has(slot)) this.#reads.set(slot, value());
  }

  count(kind: Exclude<SlotUse, "reads">, slot: Hash): void {
    const counts = this.#counts[kind];
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }

  json(): string {
    const { writes, transientReads, transientWrites } = this.#counts;
    const count = (value: number) => `${value}`;
    return `{"reads":${sortedJson(this.#reads, (value) => `["${value}"]`)},"writes":${sortedJson(writes, count)},` +
      `"transientReads":${sortedJson(transientReads, count)},"transientWrites":${sortedJson(transientWrites, count)}}`;
  }
}

/** What a frame used, as the rules of ERC-7562 ask. */
export class FrameUse {
  readonly slots = new SlotUses();
  /** Whose code was looked at. */
  readonly extCodes: Address[] = [];
  /** The size of each contract's code, and the opcode that named it first. */
  readonly contractSizes = new Map<Address, { readonly size: number; readonly op: number }>();
  readonly opcodes = new Map<number, number>();
  isOutOfGas = false;

  count(op: number): void {
    this.opcodes.set(op, (this.opcodes.get(op) ?? 0) + 1);
  }
}

/** The members of a frame that tell its use. */
export function useJson({ slots, extCodes, contractSizes, opcodes, isOutOfGas }: FrameUse): string {
  const named = new Map([...opcodes].map(([op, count]) => [quantity(op), count] as const));
  const sizes = sortedJson(contractSizes, ({ size, op }) => `{"contractSize":${size},"opcode":${op}}`);
  return `"accessedSlots":${slots.json()},"extCodeAccessInfo":${JSON.stringify(extCodes)},` +
    `"usedOpcodes":${sortedJson(named, (count) => `${count}`)},"contractSize":${sizes},"outOfGas":${isOutOfGas}`;
}
