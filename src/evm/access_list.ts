import type { AccessListItem, Address, Hash } from "../eth/types.ts";
import { OP } from "./opcodes.ts";
import type { Step } from "./step.ts";
import { addressHex, bytesToHex, wordHex } from "../primitives/hex.ts";

const ADDRESS_MASK = (1n << 160n) - 1n;

/** Collects what an execution touches (geth's AccessListTracer). */
export class AccessListCollector {
  readonly #excluded: ReadonlySet<Address>;
  readonly #slots = new Map<Address, Set<Hash>>();

  /** `excluded` addresses are listed only when slots of theirs are. */
  constructor(initial: readonly AccessListItem[], excluded: ReadonlySet<Address>) {
    this.#excluded = excluded;
    for (const { address, storageKeys } of initial) {
      this.#addAddress(address);
      for (const slot of storageKeys) this.#addSlot(address, slot);
    }
  }

  /** Reads the instruction that is about to run. */
  onStep(step: Step): void {
    const { _store: stack, _len: size } = step.frame._runState.stack;
    const top = stack[size - 1] ?? 0n;
    switch (step.op) {
      case OP.sload:
      case OP.sstore:
        if (size >= 1) this.#addSlot(bytesToHex(step.frame._env.address.bytes), wordHex(top));
        break;
      case OP.balance:
      case OP.extCodeSize:
      case OP.extCodeCopy:
      case OP.extCodeHash:
      case OP.selfDestruct:
        if (size >= 1) this.#addAddress(addressHex(top & ADDRESS_MASK));
        break;
      case OP.call:
      case OP.callCode:
      case OP.delegateCall:
      case OP.staticCall:
        if (size >= 5) this.#addAddress(addressHex((stack[size - 2] ?? 0n) & ADDRESS_MASK));
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
