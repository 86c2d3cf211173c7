import { keccakString } from "../crypto/keccak.ts";
import type { Address } from "../primitives/types.ts";
import { Misses, type Missing, MissingState } from "./base.ts";
import { known, type TriePlace } from "./base_tries.ts";
import { writeNumber } from "./rlp_bytes.ts";
import { Trie } from "./trie.ts";

/** One slot as the storage trie keeps it: with its preimage, for dumps. */
export interface StorageEntry {
  readonly slot: bigint;
  readonly value: bigint;
}

/** The slots that a storage does not hold itself: those of the base. */
export interface StorageRest {
  readonly isEmpty: boolean;
  slot(slot: bigint): bigint | Missing;
  /** The trie of those slots, where the base has tries; throws MissingState. */
  trie?(): Trie<Uint8Array>;
  readonly address: Address;
}

/** Slots that were set since a root was made, the newest first. */
interface Unmerged {
  readonly slot: bigint;
  readonly before: Unmerged | undefined;
}

const WORD_BYTES = 32;
const slotBytes = new Uint8Array(WORD_BYTES);
const storageValue = new Uint8Array(WORD_BYTES + 1);

export function encodeStorage(entry: StorageEntry): Uint8Array {
  return storageValue.subarray(0, writeNumber(entry.value, { out: storageValue, at: 0 }));
}

const NO_SLOTS: Trie<StorageEntry> = new Trie(encodeStorage);

/** Hashing a key costs 3 us, looking it up 0.1 us (measured); emptied when full, which is simpler than evicting. */
const MAX_MEMO_ENTRIES = 1 << 16;
const slotKeys = new Map<bigint, string>();

/** The place of a slot in a storage trie. */
export function slotKey(slot: bigint): string {
  let key = slotKeys.get(slot);
  if (key === undefined) {
    slotBytes.setFromHex(slot.toString(16).padStart(64, "0"));
    key = keccakString(slotBytes);
    if (slotKeys.size >= MAX_MEMO_ENTRIES) slotKeys.clear();
    slotKeys.set(slot, key);
  }
  return key;
}

/** The slots of one account, immutable. Over a base it holds the slots that were set here, zeroes included. */
export class Storage {
  static readonly EMPTY: Storage = new Storage(NO_SLOTS, null);
  readonly #slots: Trie<StorageEntry>;
  readonly #rest: StorageRest | null;
  /** The base's trie with what was set here; null until a root was asked for. */
  #merged: Trie<Uint8Array> | null;
  /** What `#merged` lacks. */
  #unmerged: Unmerged | undefined;

  private constructor(
    slots: Trie<StorageEntry>,
    rest: StorageRest | null,
    { merged = null, unmerged }: { merged?: Trie<Uint8Array> | null; unmerged?: Unmerged | undefined } = {},
  ) {
    this.#slots = slots;
    this.#rest = rest;
    this.#merged = merged;
    this.#unmerged = unmerged;
  }

  /** A storage in which nothing was set yet, so that every slot is the base's. */
  static over(rest: StorageRest): Storage {
    return new Storage(NO_SLOTS, rest);
  }

  /** A storage whose slots are all in `slots`. */
  static of(slots: Trie<StorageEntry>): Storage {
    return new Storage(slots, null);
  }

  /** The slots that are held here, for the code that saves them. */
  get trie(): Trie<StorageEntry> {
    return this.#slots;
  }

  /** True when no slot can be set. */
  get isEmpty(): boolean {
    return this.#slots.isEmpty && (this.#rest === null || this.#rest.isEmpty);
  }

  /** True when slots that are not held here are the base's; false when what is held here is everything. */
  get isOverBase(): boolean {
    return this.#rest !== null;
  }

  /** The value of a slot, 0 when it is not set. */
  get(slot: bigint): bigint | Missing {
    if (!this.#slots.isEmpty) {
      const entry = this.#slots.get(slotKey(slot));
      if (entry !== undefined) return entry.value;
    }
    return this.#rest === null ? 0n : this.#rest.slot(slot);
  }

  /** The storage with another value in a slot; 0 clears it. */
  set(slot: bigint, value: bigint): Storage {
    if (this.get(slot) === value) return this;
    const key = slotKey(slot);
    // A cleared slot must hide the value that the base has.
    const slots = value === 0n && this.#rest === null ? this.#slots.delete(key) : this.#slots.put(key, { slot, value });
    if (this.#rest?.trie === undefined) return new Storage(slots, this.#rest);
    return new Storage(slots, this.#rest, { merged: this.#merged, unmerged: { slot, before: this.#unmerged } });
  }

  /** The root hash as a binary string; over a base without tries, of the slots that were set here. Throws MissingState. */
  root(): string {
    return (this.#merge() ?? this.#slots).root();
  }

  /** The nodes on the way to a slot, root first. Throws MissingState. */
  prove(slot: bigint): Uint8Array[] {
    const merged = this.#merge();
    const key = slotKey(slot);
    if (merged === null) return this.#slots.prove(key);
    const misses = new Misses();
    const proof = known(misses, this.#place(slot), () => merged.prove(key));
    if (proof === undefined) throw new MissingState(misses);
    return proof;
  }

  #place(slot: bigint): TriePlace {
    return { address: this.#rest?.address ?? "0x", slot, key: slotKey(slot) };
  }

  /** Brings what was set here into the base's trie; null where there is none. */
  #merge(): Trie<Uint8Array> | null {
    const rest = this.#rest;
    if (rest?.trie === undefined) return null;
    const misses = new Misses();
    const done = new Set<bigint>();
    let merged = this.#merged ?? rest.trie();
    for (let change = this.#unmerged; change !== undefined; change = change.before) {
      const { slot } = change;
      if (done.has(slot)) continue;
      done.add(slot);
      const place = this.#place(slot);
      const entry = this.#slots.get(place.key);
      merged = known(misses, place, () =>
        entry === undefined || entry.value === 0n
          ? merged.delete(place.key)
          : merged.put(place.key, encodeStorage(entry).slice())) ?? merged;
    }
    if (!misses.isEmpty) throw new MissingState(misses);
    this.#merged = merged;
    this.#unmerged = undefined;
    return merged;
  }

  /** The slots that are held here, in the order of their keys. */
  entries(): IterableIterator<StorageEntry> {
    return this.#slots.values();
  }

  /** The same from a key, a binary string, on. */
  entriesFrom(key: string): IterableIterator<readonly [string, StorageEntry]> {
    return this.#slots.entriesFrom(key);
  }
}
