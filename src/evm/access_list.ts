import type { AccessListItem, Address, Hash } from "../eth/types.ts";
import { OP } from "./opcodes.ts";
import type { Hooks, Step } from "./hooks.ts";
import { wordHex } from "../primitives/hex.ts";

const WATCHED = [
  ...[OP.sload, OP.sstore, OP.balance, OP.extCodeSize, OP.extCodeCopy, OP.extCodeHash, OP.selfDestruct],
  ...[OP.call, OP.callCode, OP.delegateCall, OP.staticCall],
];

/** Collects what an execution touches (geth's AccessListTracer). */
export class AccessListCollector {
  readonly hooks: Hooks = { opcodes: WATCHED, onStep: (step) => this.#onStep(step) };
  readonly #excluded: ReadonlySet<Address>;
  readonly #slots = new Map<Address, Set<Hash>>();

  /** `excluded` addresses are listed only when slots of theirs are. */
  constructor(initial: readonly AccessListItem[], excluded: ReadonlySet<Address>) {
    this.#excluded = excluded;
    for (const { address, storageKeys } of initial) {
      // geth leaves out also the keys that a caller gave for these (NewAccessListTracer).
      if (excluded.has(address)) continue;
      this.#addAddress(address);
      for (const slot of storageKeys) this.#addSlot(address, slot);
    }
  }

  /** Reads the instruction that is about to run. */
  #onStep(step: Step): void {
    const { op, stackSize } = step;
    switch (op) {
      case OP.sload:
      case OP.sstore:
        if (stackSize >= 1) this.#addSlot(step.address, wordHex(step.peek(0)));
        break;
      case OP.balance:
      case OP.extCodeSize:
      case OP.extCodeCopy:
      case OP.extCodeHash:
      case OP.selfDestruct:
        if (stackSize >= 1) this.#addAddress(step.addressAt(0));
        break;
      case OP.call:
      case OP.callCode:
      case OP.delegateCall:
      case OP.staticCall:
        if (stackSize >= 5) this.#addAddress(step.addressAt(1));
    }
  }

  list(): AccessListItem[] {
    return [...this.#slots].map(([address, slots]) => ({ address, storageKeys: [...slots].sort() }))
      .sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  equals(other: AccessListCollector): boolean {
    if (this.#slots.size !== other.#slots.size) return false;
    for (const [address, slots] of this.#slots) {
      const theirs = other.#slots.get(address);
      if (theirs === undefined || theirs.size !== slots.size || !slots.isSubsetOf(theirs)) return false;
    }
    return true;
  }

  #addAddress(address: Address): void {
    if (!this.#excluded.has(address) && !this.#slots.has(address)) this.#slots.set(address, new Set());
  }

  #addSlot(address: Address, slot: Hash): void {
    const slots = this.#slots.get(address);
    if (slots === undefined) this.#slots.set(address, new Set([slot]));
    else slots.add(slot);
  }
}
