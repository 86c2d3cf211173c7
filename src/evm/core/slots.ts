/** Slots of storage and of transient storage (EIP-1153) that the run knows, by account and key. */
import { hashSlot } from "./hashing";
import { allocate } from "./heap";
import { markChanged, transaction } from "./accounts";
import * as journal from "./journal";
import {
  ACCOUNT_BASE_STORAGE,
  ACCOUNT_FLAGS,
  ACCOUNT_IS_WIPED,
  ACCOUNT_SLOTS,
  EXIT_SLOT,
  OUT_ADDRESS,
  OUT_KEY,
  OUT_POINTER,
  SLOT_ACCOUNT,
  SLOT_BASE,
  SLOT_BYTES,
  SLOT_FLAGS,
  SLOT_HAS_NO_BASE,
  SLOT_IS_CHANGED,
  SLOT_IS_LOADED,
  SLOT_NEXT,
  SLOT_NEXT_CHANGED,
  SLOT_ORIGINAL,
  SLOT_ORIGINAL_OF,
  SLOT_VALUE,
  SLOT_WARM,
} from "./layout";
import * as words from "./words";

const FIRST_CAPACITY: usize = 1024;
/** Added to the owner of a transient slot: accounts lie at multiples of 8. */
const TRANSIENT: u32 = 1;

let index: usize = 0;
let capacity: usize = 0;
let count: usize = 0;
export let firstChanged: usize = 0;

export function createSlots(): void {
  capacity = FIRST_CAPACITY;
  index = allocate(capacity << 2);
  memory.fill(index, 0, capacity << 2);
  count = 0;
  firstChanged = 0;
}

/** The entry of a slot; a new one when there is none yet. */
function find(owner: u32, key: usize): usize {
  let at: usize = hashSlot(owner, key) & <u32> (capacity - 1);
  for (;;) {
    const slot: usize = load<u32>(index + (at << 2));
    if (slot == 0) break;
    if (load<u32>(slot, SLOT_ACCOUNT) == owner && words.isEqual(slot, key)) return slot;
    at = (at + 1) & (capacity - 1);
  }
  return insert(owner, key);
}

function insert(owner: u32, key: usize): usize {
  if (count << 1 >= capacity) grow();
  const slot = allocate(SLOT_BYTES);
  memory.fill(slot, 0, SLOT_BYTES);
  words.copy(slot, key);
  store<u32>(slot, owner, SLOT_ACCOUNT);
  count++;
  place(index, slot);
  if ((owner & TRANSIENT) != 0) return slot;
  store<u32>(slot, load<u32>(owner, ACCOUNT_SLOTS), SLOT_NEXT);
  store<u32>(owner, slot, ACCOUNT_SLOTS);
  return slot;
}

function place(table: usize, slot: usize): void {
  let at: usize = hashSlot(load<u32>(slot, SLOT_ACCOUNT), slot) & <u32> (capacity - 1);
  while (load<u32>(table + (at << 2)) != 0) at = (at + 1) & (capacity - 1);
  store<u32>(table + (at << 2), slot);
}

function grow(): void {
  const old = index, end = index + (capacity << 2);
  capacity <<= 1;
  const larger = allocate(capacity << 2);
  memory.fill(larger, 0, capacity << 2);
  for (let at = old; at < end; at += 4) if (load<u32>(at) != 0) place(larger, load<u32>(at));
  index = larger;
}

/** The slot of an account; its value may not be known. */
export function slotAt(account: usize, key: usize): usize {
  const slot = find(<u32> account, key);
  if ((load<u32>(slot, SLOT_FLAGS) & SLOT_IS_LOADED) == 0) assumeZero(account, slot);
  return slot;
}

/** A slot of an account without storage in the state is zero, and nobody has to be asked. */
function assumeZero(account: usize, slot: usize): void {
  const flags = load<u32>(account, ACCOUNT_FLAGS);
  const isWiped = (flags & ACCOUNT_IS_WIPED) != 0;
  if (!isWiped && (flags & ACCOUNT_BASE_STORAGE) != 0) return;
  words.clear(slot + SLOT_VALUE);
  if (!isWiped) {
    store<u32>(slot, SLOT_IS_LOADED, SLOT_FLAGS);
    return;
  }
  store<u32>(slot, load<u32>(slot, SLOT_FLAGS) | SLOT_IS_LOADED | SLOT_HAS_NO_BASE, SLOT_FLAGS);
  list(slot);
}

export function isLoaded(slot: usize): bool {
  return (load<u32>(slot, SLOT_FLAGS) & SLOT_IS_LOADED) != 0;
}

/** Asks the host for a slot. */
export function want(slot: usize): i32 {
  store<u32>(OUT_POINTER, slot);
  words.toAddressBytes(OUT_ADDRESS, load<u32>(slot, SLOT_ACCOUNT));
  words.toBytes(OUT_KEY, slot);
  return EXIT_SLOT;
}

/** Takes over what the host has put in as value. */
export function loaded(slot: usize): void {
  words.copy(slot + SLOT_BASE, slot + SLOT_VALUE);
  store<u32>(slot, load<u32>(slot, SLOT_FLAGS) | SLOT_IS_LOADED, SLOT_FLAGS);
}

function list(slot: usize): void {
  const flags = load<u32>(slot, SLOT_FLAGS);
  if ((flags & SLOT_IS_CHANGED) != 0) return;
  store<u32>(slot, flags | SLOT_IS_CHANGED, SLOT_FLAGS);
  store<u32>(slot, firstChanged, SLOT_NEXT_CHANGED);
  firstChanged = slot;
}

/** Where the value at the start of the transaction is (EIP-2200). */

export function originalOf(slot: usize): usize {
  return load<u32>(slot, SLOT_ORIGINAL_OF) == transaction ? slot + SLOT_ORIGINAL : slot + SLOT_VALUE;
}

export function setSlot(slot: usize, value: usize): void {
  if (words.isEqual(slot + SLOT_VALUE, value)) return;
  if (load<u32>(slot, SLOT_ORIGINAL_OF) != transaction) {
    store<u32>(slot, transaction, SLOT_ORIGINAL_OF);
    words.copy(slot + SLOT_ORIGINAL, slot + SLOT_VALUE);
  }
  journal.noteSlot(slot);
  list(slot);
  markChanged(load<u32>(slot, SLOT_ACCOUNT));
  words.copy(slot + SLOT_VALUE, value);
}

/** Clears all slots of an account that is gone; nothing brings them back. */
export function wipe(account: usize): void {
  for (let slot: usize = load<u32>(account, ACCOUNT_SLOTS); slot != 0; slot = load<u32>(slot, SLOT_NEXT)) {
    if ((load<u32>(slot, SLOT_FLAGS) & SLOT_IS_LOADED) == 0) {
      store<u32>(slot, load<u32>(slot, SLOT_FLAGS) | SLOT_IS_LOADED | SLOT_HAS_NO_BASE, SLOT_FLAGS);
    }
    list(slot);
    words.clear(slot + SLOT_VALUE);
  }
}

/** True when an account has slots that are not zero (EIP-7610). */
export function hasStorage(account: usize): bool {
  const flags = load<u32>(account, ACCOUNT_FLAGS);
  if ((flags & ACCOUNT_BASE_STORAGE) != 0 && (flags & ACCOUNT_IS_WIPED) == 0) return true;
  for (let slot: usize = load<u32>(account, ACCOUNT_SLOTS); slot != 0; slot = load<u32>(slot, SLOT_NEXT)) {
    if (!words.isZero(slot + SLOT_VALUE)) return true;
  }
  return false;
}

/** Back to what the state has, for all slots that the run may have changed. */
export function restoreSlots(): void {
  for (let slot = firstChanged; slot != 0; slot = load<u32>(slot, SLOT_NEXT_CHANGED)) {
    const flags = load<u32>(slot, SLOT_FLAGS) & ~SLOT_IS_CHANGED;
    const hasBase = (flags & SLOT_HAS_NO_BASE) == 0;
    store<u32>(slot, hasBase ? flags : 0, SLOT_FLAGS);
    words.copy(slot + SLOT_VALUE, slot + SLOT_BASE);
  }
  firstChanged = 0;
}

/** Makes the values of this moment those of the state, for all slots that the run may have changed. */
export function adoptSlots(): void {
  for (let slot = firstChanged; slot != 0; slot = load<u32>(slot, SLOT_NEXT_CHANGED)) {
    store<u32>(slot, load<u32>(slot, SLOT_FLAGS) & ~(SLOT_IS_CHANGED | SLOT_HAS_NO_BASE), SLOT_FLAGS);
    words.copy(slot + SLOT_BASE, slot + SLOT_VALUE);
  }
  firstChanged = 0;
}

// --- Access (EIP-2929) --------------------------------------------------------------------------------------------

export function isWarm(slot: usize): bool {
  return load<u32>(slot, SLOT_WARM) == transaction;
}

export function warm(slot: usize): void {
  if (isWarm(slot)) return;
  journal.noteWarmSlot(slot);
  store<u32>(slot, transaction, SLOT_WARM);
}

// --- Transient storage (EIP-1153) ---------------------------------------------------------------------------------

/** word = the transient slot that it names. */
export function loadTransient(account: usize, word: usize): void {
  const slot = find(<u32> account | TRANSIENT, word);
  if (load<u32>(slot, SLOT_WARM) == transaction) words.copy(word, slot + SLOT_VALUE);
  else words.clear(word);
}

export function storeTransient(account: usize, key: usize, value: usize): void {
  const slot = find(<u32> account | TRANSIENT, key);
  journal.noteTransient(slot);
  store<u32>(slot, transaction, SLOT_WARM);
  words.copy(slot + SLOT_VALUE, value);
}
