import "./no_env.ts";
import type { AccountFields, StateManagerInterface } from "@ethereumjs/common";
import { Account, type Address as EvmAddress } from "@ethereumjs/util";
import type { AccountLeaf } from "./account.ts";
import { MISSING } from "./base.ts";
import { type Code, codeOf, knownCode, NO_CODE } from "./code.ts";
import { Storage } from "./storage.ts";
import { EMPTY_ROOT } from "./trie.ts";
import type { World } from "./world.ts";
import type { Address } from "../primitives/types.ts";
import { bytesToHex } from "../primitives/hex.ts";

/** What an account is at this moment of an execution, its storage apart. */
export interface AccountState {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly code: Code;
}

/** The slots of one account that were read or written, over what the world has. */
interface StorageState {
  readonly base: Storage;
  readonly slots: Map<bigint, bigint>;
  readonly dirty: Set<bigint>;
}

type Undo =
  | { readonly kind: "account"; readonly address: Address; readonly before: AccountState | undefined }
  | { readonly kind: "slot"; readonly storage: StorageState; readonly slot: bigint; readonly before: bigint }
  | { readonly kind: "storage"; readonly address: Address; readonly before: StorageState };

/** The first number that 256 bits do not hold. */
const WORD_END = 1n << 256n;

export const NO_ACCOUNT: AccountState = { nonce: 0n, balance: 0n, code: NO_CODE };

// The EVM asks of a storage root only whether it is the empty one (EIP-7610), so roots are not computed for it.
const EMPTY_ROOT_BYTES = Uint8Array.from(EMPTY_ROOT, (char) => char.charCodeAt(0));
const SOME_ROOT_BYTES = new Uint8Array(32).fill(1);

/**
 * The state that EVMs work on: a world, the changes since, and how to undo them. Every account and slot reaches the trie
 * once, in `flush`. A checkpoint is a position in the undo log. The plain methods are for this chain; the promised ones
 * are the same for the library's opcodes.
 */
export class StateManager implements StateManagerInterface {
  #world: World;
  #accounts = new Map<Address, AccountState | undefined>();
  #changed = new Set<Address>();
  #storages = new Map<Address, StorageState>();
  #undo: Undo[] = [];
  #marks: number[] = [];
  #originals = new Map<Address, Map<bigint, bigint>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Starts over on another world. */
  setWorld(world: World): void {
    this.#world = world;
    for (const known of [this.#accounts, this.#changed, this.#storages, this.#originals]) {
      // Clearing makes a new table, also of an empty one (measured).
      if (known.size > 0) known.clear();
    }
    this.#undo.length = 0;
    this.#marks.length = 0;
  }

  account(address: Address): AccountState | undefined {
    const state = this.#accounts.get(address);
    if (state !== undefined || this.#accounts.has(address)) return state;
    const leaf = this.#world.leaf(address);
    this.#accounts.set(address, leaf);
    return leaf;
  }

  /** Sets an account, or removes it with all its slots. */
  setAccount(address: Address, state: AccountState | undefined): void {
    this.#undo.push({ kind: "account", address, before: this.account(address) });
    this.#accounts.set(address, state);
    this.#changed.add(address);
    if (state === undefined) this.dropStorage(address);
  }

  balance(address: Address): bigint {
    return this.account(address)?.balance ?? 0n;
  }

  code(address: Address): Uint8Array {
    return (this.account(address)?.code ?? NO_CODE).bytes;
  }

  setBalance(address: Address, balance: bigint): void {
    const { nonce, code } = this.account(address) ?? NO_ACCOUNT;
    // A fee for someone who has all there is wraps around, as geth's uint256 does; what is longer fits no account.
    this.setAccount(address, { nonce, balance: balance < WORD_END ? balance : balance - WORD_END, code });
  }

  setNonce(address: Address, nonce: bigint): void {
    const { balance, code } = this.account(address) ?? NO_ACCOUNT;
    this.setAccount(address, { nonce, balance, code });
  }

  setCode(address: Address, bytes: Uint8Array): void {
    const { nonce, balance } = this.account(address) ?? NO_ACCOUNT;
    this.setAccount(address, { nonce, balance, code: codeOf(bytes) });
  }

  slot(address: Address, slot: bigint): bigint {
    const storage = this.#storageOf(address);
    let value = storage.slots.get(slot);
    if (value === undefined) {
      value = valueOf(storage.base, slot);
      storage.slots.set(slot, value);
    }
    return value;
  }

  setSlot(address: Address, slot: bigint, value: bigint): void {
    const before = this.slot(address, slot);
    if (before === value) return;
    let originals = this.#originals.get(address);
    if (originals === undefined) this.#originals.set(address, originals = new Map());
    if (!originals.has(slot)) originals.set(slot, before);
    const storage = this.#storageOf(address);
    this.#undo.push({ kind: "slot", storage, slot, before });
    storage.slots.set(slot, value);
    storage.dirty.add(slot);
  }

  /** The value at the start of the transaction (EIP-2200). */
  originalSlot(address: Address, slot: bigint): bigint {
    return this.#originals.get(address)?.get(slot) ?? this.slot(address, slot);
  }

  /** Forgets what the values at the start of the transaction were: the next one starts here. */
  startTransaction(): void {
    if (this.#originals.size > 0) this.#originals.clear();
  }

  dropStorage(address: Address): void {
    const before = this.#storageOf(address);
    if (before.base.isEmpty && before.slots.size === 0) return;
    this.#undo.push({ kind: "storage", address, before });
    this.#storages.set(address, { base: Storage.EMPTY, slots: new Map(), dirty: new Set() });
    this.#changed.add(address);
    this.#originals.delete(address);
  }

  hasStorage(address: Address): boolean {
    const { base, slots } = this.#storageOf(address);
    // A contract under construction has no base; the slots it holds are its own.
    if (!base.isEmpty) return true;
    for (const value of slots.values()) {
      if (value !== 0n) return true;
    }
    return false;
  }

  /** How many checkpoints are open. */
  get depth(): number {
    return this.#marks.length;
  }

  mark(): void {
    this.#marks.push(this.#undo.length);
  }

  release(): void {
    if (this.#marks.pop() === undefined) throw new Error("no checkpoint to commit");
  }

  rollback(): void {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new Error("no checkpoint to revert");
    this.#undoTo(mark);
  }

  /** Ends every open checkpoint, undoing to the first: what is left after an execution that was cut short. */
  rollbackAll(): void {
    const mark = this.#marks[0];
    this.#marks.length = 0;
    if (mark !== undefined) this.#undoTo(mark);
  }

  /** Brings all changes into a new world and goes on from there. */
  flush(): World {
    if (this.#marks.length !== 0) throw new Error("flush inside a checkpoint");
    const changes: [Address, AccountLeaf | undefined][] = [];
    const addresses = new Set(this.#changed);
    for (const [address, storage] of this.#storages) {
      if (storage.dirty.size !== 0) addresses.add(address);
    }
    for (const address of addresses) {
      const state = this.account(address);
      const old = this.#world.leaf(address);
      if (state === undefined) {
        if (old !== undefined) changes.push([address, undefined]);
        continue;
      }
      const storage = this.#flushStorage(address, old);
      const { nonce, balance, code } = state;
      if (
        old === undefined || old.nonce !== nonce || old.balance !== balance || old.code !== code ||
        old.storage !== storage
      ) changes.push([address, { address, nonce, balance, code, storage }]);
    }
    this.#world = this.#world.withLeaves(changes);
    this.#changed.clear();
    this.#undo.length = 0;
    return this.#world;
  }

  #flushStorage(address: Address, old: AccountLeaf | undefined): Storage {
    const state = this.#storages.get(address);
    if (state === undefined) return old?.storage ?? Storage.EMPTY;
    let storage = state.base;
    for (const slot of state.dirty) storage = storage.set(slot, state.slots.get(slot) ?? 0n);
    this.#storages.set(address, { base: storage, slots: state.slots, dirty: new Set() });
    return storage;
  }

  #storageOf(address: Address): StorageState {
    let storage = this.#storages.get(address);
    if (storage === undefined) {
      const base = this.#world.leaf(address)?.storage ?? Storage.EMPTY;
      storage = { base, slots: new Map(), dirty: new Set() };
      this.#storages.set(address, storage);
    }
    return storage;
  }

  #undoTo(mark: number): void {
    while (this.#undo.length > mark) {
      const entry = this.#undo.pop();
      if (entry === undefined) return;
      if (entry.kind === "slot") entry.storage.slots.set(entry.slot, entry.before);
      else if (entry.kind === "account") this.#accounts.set(entry.address, entry.before);
      else this.#storages.set(entry.address, entry.before);
    }
  }

  // What the library's opcodes and message frames call.

  getAccount(address: EvmAddress): Promise<Account | undefined> {
    const hex = bytesToHex(address.bytes);
    const state = this.account(hex);
    if (state === undefined) return Promise.resolve(undefined);
    const root = state.code !== NO_CODE || this.hasStorage(hex) ? SOME_ROOT_BYTES : EMPTY_ROOT_BYTES;
    return Promise.resolve(new Account(state.nonce, state.balance, root, state.code.hashBytes));
  }

  putAccount(address: EvmAddress, account?: Account): Promise<void> {
    const hex = bytesToHex(address.bytes);
    if (account === undefined) this.setAccount(hex, undefined);
    else {
      const current = this.account(hex)?.code ?? NO_CODE;
      const code = account.codeHash === current.hashBytes ? current : knownCode(account.codeHash);
      this.setAccount(hex, { nonce: account.nonce, balance: account.balance, code });
    }
    return Promise.resolve();
  }

  deleteAccount(address: EvmAddress): Promise<void> {
    this.setAccount(bytesToHex(address.bytes), undefined);
    return Promise.resolve();
  }

  modifyAccountFields(address: EvmAddress, fields: AccountFields): Promise<void> {
    const hex = bytesToHex(address.bytes);
    const state = this.account(hex) ?? NO_ACCOUNT;
    this.setAccount(hex, {
      nonce: fields.nonce ?? state.nonce,
      balance: fields.balance ?? state.balance,
      code: fields.codeHash === undefined ? state.code : knownCode(fields.codeHash),
    });
    return Promise.resolve();
  }

  putCode(address: EvmAddress, value: Uint8Array): Promise<void> {
    this.setCode(bytesToHex(address.bytes), value);
    return Promise.resolve();
  }

  getCode(address: EvmAddress): Promise<Uint8Array> {
    return Promise.resolve(this.code(bytesToHex(address.bytes)));
  }

  getCodeSize(address: EvmAddress): Promise<number> {
    return Promise.resolve(this.code(bytesToHex(address.bytes)).length);
  }

  getStorage(address: EvmAddress, key: Uint8Array): Promise<Uint8Array> {
    return Promise.resolve(shortBytes(this.slot(bytesToHex(address.bytes), BigInt(bytesToHex(key)))));
  }

  putStorage(address: EvmAddress, key: Uint8Array, value: Uint8Array): Promise<void> {
    const number = value.length === 0 ? 0n : BigInt(bytesToHex(value));
    this.setSlot(bytesToHex(address.bytes), BigInt(bytesToHex(key)), number);
    return Promise.resolve();
  }

  clearStorage(address: EvmAddress): Promise<void> {
    this.dropStorage(bytesToHex(address.bytes));
    return Promise.resolve();
  }

  checkpoint(): Promise<void> {
    this.mark();
    return Promise.resolve();
  }

  commit(): Promise<void> {
    this.release();
    return Promise.resolve();
  }

  revert(): Promise<void> {
    this.rollback();
    return Promise.resolve();
  }

  readonly originalStorageCache = {
    get: (address: EvmAddress, key: Uint8Array): Promise<Uint8Array> =>
      Promise.resolve(shortBytes(this.originalSlot(bytesToHex(address.bytes), BigInt(bytesToHex(key))))),
    clear: (): void => this.startTransaction(),
  };

  getStateRoot(): Promise<Uint8Array> {
    return Promise.reject(new Error("the state root belongs to a world: flush"));
  }

  setStateRoot(): Promise<void> {
    return Promise.reject(new Error("states are set by world"));
  }

  hasStateRoot(): Promise<boolean> {
    return Promise.resolve(false);
  }

  clearCaches(): void {
    // The cache is the state between two flushes.
  }

  shallowCopy(): StateManagerInterface {
    return new StateManager(this.#world);
  }
}

function valueOf(storage: Storage, slot: bigint): bigint {
  const value = storage.get(slot);
  if (value === MISSING) throw new Error("this engine runs on states that hold everything");
  return value;
}

/** A slot's value as the library has it: no leading zeros, empty for zero. */
function shortBytes(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const hex = value.toString(16);
  return Uint8Array.fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}
