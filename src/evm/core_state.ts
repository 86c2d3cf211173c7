import { type Code, codeOf, NO_CODE } from "../state/code.ts";
import type { AccountLeaf } from "../state/account.ts";
import { Misses, MISSING, MissingState } from "../state/base.ts";
import { Storage } from "../state/storage.ts";
import { World } from "../state/world.ts";
import type { AccessListItem, Address } from "../primitives/types.ts";
import { MAX_UINT256 } from "../primitives/uint.ts";
import * as layout from "./core/layout.ts";
import { BlockValues } from "./block_values.ts";
import type { Instance } from "./instance.ts";
import { PrecompileSet } from "./precompile_set.ts";

const MAX_ENTRIES = 4_096;

/** An account at one moment of an execution, without its storage. */
export interface AccountState {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly code: Code;
}

export const NO_ACCOUNT: AccountState = { nonce: 0n, balance: 0n, code: NO_CODE };

/** An instance whose tables or whose whole memory have grown beyond this is dropped after its run: memory never shrinks. */
const MAX_HEAP_BYTES = 16 << 20;
const MAX_MEMORY_BYTES = 96 << 20;

/**
 * The state as an instance has it: a world, and what runs have changed since. What was read stays in the instance's tables,
 * and serves the next run over the same world.
 */
export class CoreState {
  readonly instance: Instance;
  readonly precompiles: PrecompileSet;
  readonly block: BlockValues;
  #world = World.empty();
  /** Entries of accounts that were asked for from outside, whose values are known: a look here costs a fifth of one there. */
  readonly #entries = new Map<Address, number>();
  /** Code that this state was given, by hash: the one object of the process for each. */
  readonly #codes = new Map<string, Code>();

  constructor(instance: Instance) {
    this.instance = instance;
    this.precompiles = new PrecompileSet(instance);
    this.block = new BlockValues(instance);
  }

  get world(): World {
    return this.#world;
  }

  /** True once the instance has trapped. */
  isBroken = false;
  /** Where an attempt notes what is missing, which counts as nothing then; undefined for a run that waits for it. */
  noted: Misses | undefined;

  /** True when the instance can be used again, and its memory is no larger than one that is worth keeping. */
  get isReusable(): boolean {
    return !this.isBroken && this.instance.core.heapBytes() <= MAX_HEAP_BYTES &&
      this.instance.bytes.length <= MAX_MEMORY_BYTES;
  }

  /** Starts over on a world: the one that it is on already costs nothing. */
  use(world: World): void {
    if (world === this.#world) return;
    this.#world = world;
    this.#codes.clear();
    this.#entries.clear();
    this.precompiles.forget();
    this.instance.core.forget();
  }

  /** Takes back everything that runs have changed. */
  restore(): void {
    this.instance.core.restore();
  }

  // --- Accounts ---------------------------------------------------------------------------------------------------

  /** The entry of an account, with its values. */
  entry(address: Address): number {
    const known = this.#entries.get(address);
    if (known !== undefined) return known;
    const entry = this.instance.entry(address);
    const isLoaded = (this.instance.u32(entry + layout.ACCOUNT_FLAGS) & layout.ACCOUNT_IS_LOADED) !== 0;
    if (!isLoaded) throwMissing(this.loadAccount(entry, address));
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(address, entry);
    return entry;
  }

  /** Returns the values that the world's base has to load before these accounts and slots can be read; undefined for none. */
  missesOf(addresses: Iterable<Address>, accessList: readonly AccessListItem[]): Misses | undefined {
    if (this.#world.base === null) return undefined;
    const misses = new Misses();
    for (const address of addresses) {
      if (this.#world.find(address) === MISSING) misses.accounts.add(address);
    }
    for (const { address, storageKeys } of accessList) {
      const leaf = this.#world.find(address);
      if (leaf === MISSING) misses.accounts.add(address);
      for (const slot of storageKeys.map(BigInt)) {
        if (leaf === MISSING || leaf?.storage.get(slot) === MISSING) misses.addSlot(address, slot);
      }
    }
    if (this.noted === undefined) return misses.isEmpty ? undefined : misses;
    this.noted.addAll(misses);
    return undefined;
  }

  /** Puts what the world has into an entry; returns what its base has to load first, if anything. */
  loadAccount(entry: number, address: Address): Misses | undefined {
    const { instance, noted } = this;
    const leaf = this.#world.find(address);
    if (leaf === MISSING) {
      const misses = noted ?? new Misses();
      misses.accounts.add(address);
      if (noted === undefined) return misses;
    }
    if (leaf === undefined || leaf === MISSING) {
      instance.core.accountLoaded(entry, 0);
      return undefined;
    }
    instance.setU64(entry + layout.ACCOUNT_NONCE, leaf.nonce);
    instance.setWord(entry + layout.ACCOUNT_BALANCE, leaf.balance);
    instance.bytes.set(leaf.code.hashBytes, entry + layout.ACCOUNT_CODE_HASH);
    const storage = leaf.storage.isEmpty ? 0 : layout.ACCOUNT_BASE_STORAGE;
    instance.core.accountLoaded(entry, layout.ACCOUNT_EXISTS | storage);
    return undefined;
  }

  /** Puts the code of an account, which is in the world, into the instance. */
  loadCode(entry: number, address: Address): void {
    const { bytes } = this.#world.leaf(address)?.code ?? NO_CODE;
    this.instance.core.codeLoaded(this.#record(bytes), entry);
  }

  account(address: Address): AccountState | undefined {
    const entry = this.entry(address);
    if (!this.#exists(entry)) return undefined;
    const { instance } = this;
    return {
      nonce: instance.u64(entry + layout.ACCOUNT_NONCE),
      balance: instance.word(entry + layout.ACCOUNT_BALANCE),
      code: this.#codeOf(entry, address),
    };
  }

  exists(address: Address): boolean {
    return this.#exists(this.entry(address));
  }

  balance(address: Address): bigint {
    return this.instance.word(this.entry(address) + layout.ACCOUNT_BALANCE);
  }

  nonce(address: Address): bigint {
    return this.instance.u64(this.entry(address) + layout.ACCOUNT_NONCE);
  }

  code(address: Address): Code {
    return this.#codeOf(this.entry(address), address);
  }

  /** Wraps around, as geth's uint256 does, for a fee for someone who has all there is. */
  setBalance(address: Address, balance: bigint): void {
    const entry = this.entry(address);
    this.instance.setBigEndian(layout.IN, balance & MAX_UINT256);
    this.instance.core.setBalance(entry);
  }

  /** Adds to a balance, and touches the account (EIP-161). */
  addBalance(address: Address, amount: bigint): void {
    const entry = this.entry(address);
    this.instance.setBigEndian(layout.IN, amount & MAX_UINT256);
    this.instance.core.addBalance(entry);
  }

  setNonce(address: Address, nonce: bigint): void {
    this.instance.core.setNonce(this.entry(address), nonce);
  }

  setCode(address: Address, bytes: Uint8Array): void {
    const { instance } = this;
    const entry = this.entry(address);
    const code = codeOf(bytes);
    if (code === NO_CODE) return instance.core.setCode(entry, 0);
    this.#codes.set(code.hash, code);
    const record = this.#record(code.bytes);
    instance.bytes.set(code.hashBytes, layout.IN);
    instance.core.setCode(entry, record);
  }

  /** Makes an account exist, also an empty one. */
  ensure(address: Address): void {
    this.instance.core.ensure(this.entry(address));
  }

  /** Removes an account with its slots. */
  remove(address: Address): void {
    this.instance.core.remove(this.entry(address));
  }

  // --- Slots ------------------------------------------------------------------------------------------------------

  slot(address: Address, slot: bigint): bigint {
    return this.instance.word(this.#slotEntry(address, slot) + layout.SLOT_VALUE);
  }

  setSlot(address: Address, slot: bigint, value: bigint): void {
    const entry = this.#slotEntry(address, slot);
    this.instance.setBigEndian(layout.IN, value);
    this.instance.core.setSlot(entry);
  }

  /** Removes all slots of an account. */
  dropStorage(address: Address): void {
    this.instance.core.clearStorage(this.entry(address));
  }

  /** Puts what the world has into a slot's entry; returns what its base has to load first, if anything. */
  loadSlot(entry: number, address: Address, slot: bigint): Misses | undefined {
    const value = this.#world.leaf(address)?.storage.get(slot) ?? 0n;
    if (value === MISSING) {
      const misses = this.noted ?? new Misses();
      misses.addSlot(address, slot);
      if (this.noted === undefined) return misses;
    }
    this.instance.setBigEndian(layout.IN, value === MISSING ? 0n : value);
    this.instance.core.slotLoaded(entry);
    return undefined;
  }

  // --- Access (EIP-2929) ------------------------------------------------------------------------------------------

  warm(address: Address): void {
    this.instance.core.warmAccount(this.#entries.get(address) ?? this.instance.entry(address));
  }

  warmSlot(address: Address, slot: bigint): void {
    const account = this.entry(address);
    this.instance.setBigEndian(layout.IN, slot);
    this.instance.core.warmSlot(this.instance.core.slot(account));
  }

  // --- The world after the runs -----------------------------------------------------------------------------------

  /** Brings all changes into a new world and goes on from there. */
  flush(): World {
    const { instance } = this;
    const storages = this.#changedStorages();
    const changes: [Address, AccountLeaf | undefined][] = [];
    let entry = instance.core.firstChangedAccount();
    for (; entry !== 0; entry = instance.u32(entry + layout.ACCOUNT_NEXT_CHANGED)) {
      const address = instance.address(entry);
      const old = this.#world.leaf(address);
      const storage = this.#storageOf(entry, old, storages.get(entry));
      const flags = instance.u32(entry + layout.ACCOUNT_FLAGS) & ~layout.ACCOUNT_BASE_STORAGE;
      instance.setU32(entry + layout.ACCOUNT_FLAGS, storage.isEmpty ? flags : flags | layout.ACCOUNT_BASE_STORAGE);
      if ((flags & layout.ACCOUNT_EXISTS) === 0) {
        if (old !== undefined) changes.push([address, undefined]);
        continue;
      }
      const nonce = instance.u64(entry + layout.ACCOUNT_NONCE);
      const balance = instance.word(entry + layout.ACCOUNT_BALANCE);
      const code = this.#codeOf(entry, address);
      if (
        old === undefined || old.nonce !== nonce || old.balance !== balance || old.code !== code ||
        old.storage !== storage
      ) changes.push([address, { address, nonce, balance, code, storage }]);
    }
    this.#world = this.#world.withLeaves(changes);
    instance.core.adopt();
    return this.#world;
  }

  /** The changed slots by the entry of their account. */
  #changedStorages(): Map<number, number[]> {
    const { instance } = this;
    const storages = new Map<number, number[]>();
    let slot = instance.core.firstChangedSlot();
    for (; slot !== 0; slot = instance.u32(slot + layout.SLOT_NEXT_CHANGED)) {
      const account = instance.u32(slot + layout.SLOT_ACCOUNT);
      const known = storages.get(account);
      if (known === undefined) storages.set(account, [slot]);
      else known.push(slot);
    }
    return storages;
  }

  #storageOf(entry: number, old: AccountLeaf | undefined, changed: readonly number[] = []): Storage {
    const { instance } = this;
    const flags = instance.u32(entry + layout.ACCOUNT_FLAGS);
    if ((flags & layout.ACCOUNT_EXISTS) === 0) return Storage.EMPTY;
    const isWiped = (flags & layout.ACCOUNT_IS_WIPED) !== 0;
    let storage = isWiped ? Storage.EMPTY : old?.storage ?? Storage.EMPTY;
    for (const at of changed) {
      storage = storage.set(instance.word(at + layout.SLOT_KEY), instance.word(at + layout.SLOT_VALUE));
    }
    return storage;
  }

  #exists(entry: number): boolean {
    return (this.instance.u32(entry + layout.ACCOUNT_FLAGS) & layout.ACCOUNT_EXISTS) !== 0;
  }

  #codeOf(entry: number, address: Address): Code {
    const { instance } = this;
    if (!this.#exists(entry)) return NO_CODE;
    const hash = `0x${instance.hex(entry + layout.ACCOUNT_CODE_HASH, 32)}`;
    if (hash === NO_CODE.hash) return NO_CODE;
    const inWorld = this.#world.leaf(address)?.code;
    if (inWorld?.hash === hash) return inWorld;
    let code = this.#codes.get(hash);
    if (code === undefined) {
      const record = instance.u32(entry + layout.ACCOUNT_CODE);
      code = codeOf(instance.copy(record + layout.CODE_START, instance.u32(record + layout.CODE_LENGTH)));
      this.#codes.set(hash, code);
    }
    return code;
  }

  #slotEntry(address: Address, slot: bigint): number {
    const { instance } = this;
    const account = this.entry(address);
    instance.setBigEndian(layout.IN, slot);
    const entry = instance.core.slot(account);
    const isLoaded = (instance.u32(entry + layout.SLOT_FLAGS) & layout.SLOT_IS_LOADED) !== 0;
    if (!isLoaded) throwMissing(this.loadSlot(entry, address, slot));
    return entry;
  }

  /** A record with code in the instance's memory. */
  #record(bytes: Uint8Array): number {
    const record = this.instance.core.code(bytes.length);
    this.instance.bytes.set(bytes, record + layout.CODE_START);
    return record;
  }
}

function throwMissing(misses: Misses | undefined): void {
  if (misses !== undefined) throw new MissingState(misses);
}
