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

/** The slots that a frame has used: the values that it read, and the counts of other uses. */
export class SlotUses {
  readonly #reads = new Map<Hash, Hash>();
  readonly #counts = {
    writes: new Map<Hash, number>(),
    transientReads: new Map<Hash, number>(),
    transientWrites: new Map<Hash, number>(),
  };

  /** Returns the kind of use that an opcode makes of a slot; undefined for one that uses none. */
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

/** Records what a frame uses, for the rules of ERC-7562. */
export class FrameUse {
  readonly slots = new SlotUses();
  /** The accounts whose code was read. */
  readonly extCodes: Address[] = [];
  /** The size of each contract's code, and the opcode that named it first. */
  readonly contractSizes = new Map<Address, { readonly size: number; readonly op: number }>();
  readonly opcodes = new Map<number, number>();
  isOutOfGas = false;

  count(op: number): void {
    this.opcodes.set(op, (this.opcodes.get(op) ?? 0) + 1);
  }
}

/** Returns the members of a frame that show its use. */
export function useJson({ slots, extCodes, contractSizes, opcodes, isOutOfGas }: FrameUse): string {
  const named = new Map([...opcodes].map(([op, count]) => [quantity(op), count] as const));
  const sizes = sortedJson(contractSizes, ({ size, op }) => `{"contractSize":${size},"opcode":${op}}`);
  return `"accessedSlots":${slots.json()},"extCodeAccessInfo":${JSON.stringify(extCodes)},` +
    `"usedOpcodes":${sortedJson(named, (count) => `${count}`)},"contractSize":${sizes},"outOfGas":${isOutOfGas}`;
}
