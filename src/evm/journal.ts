import type { Account, Address as EvmAddress } from "@ethereumjs/util";
import type { Address } from "../eth/types.ts";
import type { StateManager } from "../state/manager.ts";
import { bytesToHex } from "../primitives/hex.ts";

/** The third precompile stays touched when its call reverts: a fault of the DAO fork days that became a rule. */
const RIPEMD160: Address = "0x0000000000000000000000000000000000000003";

const NOTHING: ReadonlySet<Address> = new Set();

type Undo =
  | { readonly kind: "address" | "touch"; readonly address: Address }
  | { readonly kind: "slot"; readonly address: Address; readonly slot: bigint };

/**
 * What a transaction has touched (EIP-161) and warmed (EIP-2929): the library's Journal with the same methods, but keyed
 * by what the loop has at hand, and with an undo log in place of three collections for each frame.
 */
export class WarmJournal {
  readonly #state: StateManager;
  readonly #removesEmpty: boolean;
  /** The warm slots of each warm address; null stands for none. */
  readonly #warm = new Map<Address, Set<bigint> | null>();
  /** What is warm without being listed: the precompiled contracts of a transaction's fork. */
  #builtIn: ReadonlySet<Address> = NOTHING;
  readonly #touched = new Set<Address>();
  readonly #undo: Undo[] = [];
  readonly #marks: number[] = [];

  /** `removesEmpty` from Spurious Dragon on. */
  constructor(state: StateManager, removesEmpty: boolean) {
    this.#state = state;
    this.#removesEmpty = removesEmpty;
  }

  /** Starts a transaction. */
  cleanJournal(): void {
    this.#builtIn = NOTHING;
    // Clearing makes a new table, also of an empty one (4 % of a small call, measured).
    if (this.#warm.size > 0) this.#warm.clear();
    if (this.#touched.size > 0) this.#touched.clear();
    this.#undo.length = 0;
    this.#marks.length = 0;
  }

  touch(address: Address): void {
    if (this.#touched.has(address)) return;
    this.#touched.add(address);
    this.#undo.push({ kind: "touch", address });
  }

  /** Warms, for the whole transaction, a set that is always the same. */
  warmBuiltIn(addresses: ReadonlySet<Address>): void {
    this.#builtIn = addresses;
  }

  /** Warms an address for the whole transaction. */
  warm(address: Address): void {
    if (!this.#warm.has(address)) this.#warm.set(address, null);
  }

  /** Warms a slot for the whole transaction. */
  warmSlot(address: Address, slot: bigint): void {
    const slots = this.#warm.get(address);
    if (slots) slots.add(slot);
    else this.#warm.set(address, new Set([slot]));
  }

  /** Warms an address, and tells whether it was warm. */
  touchAddress(address: Address): boolean {
    if (this.#isWarm(address)) return true;
    this.#warm.set(address, null);
    this.#undo.push({ kind: "address", address });
    return false;
  }

  /** Warms a slot, and tells whether it was warm. */
  touchSlot(address: Address, slot: bigint): boolean {
    let slots = this.#warm.get(address);
    if (slots === undefined) this.#undo.push({ kind: "address", address });
    if (!slots) this.#warm.set(address, slots = new Set());
    if (slots.has(slot)) return true;
    slots.add(slot);
    this.#undo.push({ kind: "slot", address, slot });
    return false;
  }

  /** Removes what is empty and was touched, and ends the transaction. */
  endTransaction(): void {
    if (this.#removesEmpty) {
      for (const address of this.#touched) {
        const account = this.#state.account(address);
        if (account === undefined) continue;
        const isEmpty = account.nonce === 0n && account.balance === 0n && account.code.bytes.length === 0;
        if (isEmpty) this.#state.setAccount(address, undefined);
      }
    }
    this.cleanJournal();
  }

  // What the library's opcodes and message frames call.

  putAccount(address: EvmAddress, account: Account): Promise<void> {
    this.touch(bytesToHex(address.bytes));
    return this.#state.putAccount(address, account);
  }

  deleteAccount(address: EvmAddress): Promise<void> {
    this.touch(bytesToHex(address.bytes));
    return this.#state.deleteAccount(address);
  }

  addAlwaysWarmAddress(address: string): void {
    this.warm(address as Address);
  }

  isWarmedAddress(address: Uint8Array): boolean {
    return this.#isWarm(bytesToHex(address));
  }

  addWarmedAddress(address: Uint8Array): void {
    this.touchAddress(bytesToHex(address));
  }

  isWarmedStorage(address: Uint8Array, slot: Uint8Array): boolean {
    return this.#warm.get(bytesToHex(address))?.has(BigInt(bytesToHex(slot))) ?? false;
  }

  addWarmedStorage(address: Uint8Array, slot: Uint8Array): void {
    this.touchSlot(bytesToHex(address), BigInt(bytesToHex(slot)));
  }

  checkpoint(): Promise<void> {
    this.#marks.push(this.#undo.length);
    this.#state.mark();
    return Promise.resolve();
  }

  commit(): Promise<void> {
    this.#marks.pop();
    this.#state.release();
    return Promise.resolve();
  }

  revert(): Promise<void> {
    const mark = this.#marks.pop() ?? 0;
    while (this.#undo.length > mark) {
      const entry = this.#undo.pop();
      if (entry === undefined) break;
      if (entry.kind === "slot") this.#warm.get(entry.address)?.delete(entry.slot);
      else if (entry.kind === "address") this.#warm.delete(entry.address);
      else if (entry.address !== RIPEMD160) this.#touched.delete(entry.address);
    }
    this.#state.rollback();
    return Promise.resolve();
  }

  cleanup(): Promise<void> {
    this.endTransaction();
    return Promise.resolve();
  }

  #isWarm(address: Address): boolean {
    return this.#warm.has(address) || this.#builtIn.has(address);
  }
}
