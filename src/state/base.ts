import type { Address, Hash } from "../primitives/types.ts";
import type { Code } from "./code.ts";
import type { Trie } from "./trie.ts";

/** The answer of a {@link StateBase} to a question whose answer it has yet to load. */
export const MISSING: unique symbol = Symbol("missing");
export type Missing = typeof MISSING;

/** An account of a base, without its slots. */
export interface BaseAccount {
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly code: Code;
  /** False only when the base is certain that no slot is set (EIP-7610 asks). */
  readonly hasStorage: boolean;
}

/**
 * The state that a {@link World} stands on and that this process does not hold: that of another node. It never
 * changes. Reads are synchronous, so that execution stays so: a base answers {@link MISSING} for what it has yet to load.
 * The reader notes it in {@link Misses}, asks the base to load all of it at once, and reads again. An execution goes on with
 * nothing in place of what is missing, so that it notes as much as it can, and is then repeated (evm/attempts.ts).
 */
export interface StateBase {
  /** The account, undefined when there is none. */
  account(address: Address): BaseAccount | undefined | Missing;
  /** The value of a slot, 0 when it is not set. */
  slot(address: Address, slot: bigint): bigint | Missing;
  /** The hash of a block up to the one whose state this is; undefined when it is out of reach. */
  blockHash(number: bigint): Hash | undefined | Missing;
  /** Loads what was missing, in as few requests as it can; from then on it is not missing. */
  load(misses: Misses, signal?: AbortSignal): Promise<void>;
  /** The tries of the state, where its nodes can be asked for; without them, no root over the base is a true one. */
  readonly tries?: BaseTries | undefined;
  /** Tells what a call is likely to read, if the base knows a way to find out; never rejects. */
  foresee?(call: ForeseenCall, signal?: AbortSignal): Promise<Misses>;
}

/**
 * The tries of a base, as far as their nodes are known: enough to tell the root of a state that was changed on top of it. Values
 * are encoded, keys are hashes. They throw {@link UnknownNode} where they lead to a node of which only the hash is known.
 */
export interface BaseTries {
  readonly accounts: Trie<Uint8Array>;
  /** The slots of the account whose storage has this root, a binary string. */
  storage(root: string): Trie<Uint8Array>;
}

/** A trie led to a node of which only the hash is known. */
export class UnknownNode extends Error {
  override readonly name = "UnknownNode";
  /** The way to it from the root: a character below 16 for each nibble. */
  readonly path: string;

  constructor(path: string) {
    super("a node of which only the hash is known");
    this.path = path;
  }
}

/** A proof that would show a node. The node is beside the way of the key where a neighbour was removed. */
export interface MissingProof {
  readonly address: Address;
  /** Of the trie of the account's slots; of that of the accounts when absent. */
  readonly slot?: bigint | undefined;
  readonly key: string;
  readonly path: string;
}

/** A call that has yet to run. */
export interface ForeseenCall {
  readonly from: Address;
  /** Null for a creation. */
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Uint8Array;
}

/** The questions that a reader asked and its base could not answer yet, each once. */
export class Misses {
  readonly accounts: Set<Address> = new Set();
  readonly slots: Map<Address, Set<bigint>> = new Map();
  readonly blockHashes: Set<bigint> = new Set();
  readonly proofs: MissingProof[] = [];

  get isEmpty(): boolean {
    return this.accounts.size === 0 && this.slots.size === 0 && this.blockHashes.size === 0 &&
      this.proofs.length === 0;
  }

  /** The number of questions. */
  get size(): number {
    let slots = 0;
    for (const asked of this.slots.values()) slots += asked.size;
    return this.accounts.size + slots + this.blockHashes.size + this.proofs.length;
  }

  addSlot(address: Address, slot: bigint): void {
    const slots = this.slots.get(address);
    if (slots === undefined) this.slots.set(address, new Set([slot]));
    else slots.add(slot);
  }

  /** Adds all questions of another list. */
  addAll({ accounts, slots, blockHashes, proofs }: Misses): void {
    for (const address of accounts) this.accounts.add(address);
    for (const [address, asked] of slots) for (const slot of asked) this.addSlot(address, slot);
    for (const number of blockHashes) this.blockHashes.add(number);
    this.proofs.push(...proofs);
  }

  clear(): void {
    this.accounts.clear();
    this.slots.clear();
    this.blockHashes.clear();
    this.proofs.length = 0;
  }
}

/** A read met something that the base of its world has yet to load; {@link readLoaded} loads it and reads again. */
export class MissingState extends Error {
  override readonly name = "MissingState";
  readonly misses: Misses;

  constructor(misses: Misses) {
    super("a part of the state has yet to be loaded");
    this.misses = misses;
  }
}

/** Runs `read`, which only reads from worlds over `base`, until it meets nothing that is missing. */
export async function readLoaded<T>(
  base: StateBase,
  { read, signal }: { readonly read: () => Promise<T> | T; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof MissingState)) throw error;
      await base.load(error.misses, signal);
    }
  }
}
