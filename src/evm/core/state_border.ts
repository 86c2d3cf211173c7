/** What the host calls between runs: what is known of the state, what has changed, and how it is changed from outside. */
import * as accounts from "./accounts";
import * as blobs from "./blobs";
import { clearCodes, linkCode, newCode } from "./codes";
import { seed as seedTables } from "./hashing";
import * as heap from "./heap";
import * as journal from "./journal";
import {
  ACCOUNT_CODE_HASH,
  ACCOUNT_FLAGS,
  ACCOUNT_IS_BUILT_IN,
  ACCOUNT_PRECOMPILE,
  IN,
  SCRATCH,
  SLOT_VALUE,
} from "./layout";
import * as logs from "./logs";
import * as output from "./output";
import { PHASE_IDLE, setPhase } from "./run";
import * as slots from "./slots";
import * as words from "./words";

const ADDRESS: usize = SCRATCH + 1664;
const WORD: usize = SCRATCH + 1696;

// --- The instance -------------------------------------------------------------------------------------------------

/** Sets the key of the tables; once, before `forget`. */
export function seed(a: u64, b: u64, c: u64): void {
  seedTables(a, b, c);
}

/** Forgets everything that is known of a state: the next run begins from another. */
export function forget(): void {
  heap.clearHeap();
  heap.setDepth(0);
  clearCodes();
  accounts.createAccounts();
  slots.createSlots();
  journal.createJournal();
  logs.createLogs();
  output.createOutput();
  blobs.forget();
  setPhase(PHASE_IDLE);
}

/** Where the memories of the frames begin; it moves when the tables grow. */
export function memories(): usize {
  return heap.memories;
}

/** Bytes that the tables and records take. */
export function heapBytes(): u32 {
  return heap.usedBytes();
}

/** Takes back what the runs since the last `forget` have changed: values are those of the state again. */
export function restore(): void {
  heap.setDepth(0);
  setPhase(PHASE_IDLE);
  accounts.restoreAccounts();
  slots.restoreSlots();
  journal.clearJournal();
  logs.cutTo(0);
  output.clearOutput();
  accounts.nextTransaction();
}

/**
 * Keeps what the runs since the last `forget` have changed: it is the state from now on. The host has put into each changed
 * account's flags whether the state has slots of it.
 */
export function adopt(): void {
  slots.adoptSlots();
  accounts.adoptAccounts();
  journal.clearJournal();
}

// --- Accounts and slots -------------------------------------------------------------------------------------------

/** The entry of the account whose address is at IN. */
export function account(): usize {
  words.fromAddressBytes(ADDRESS, IN);
  return accounts.accountAt(ADDRESS);
}

/** Takes over the values that the host has put into an account's entry: EXISTS and BASE_STORAGE are what `flags` may say. */
export function accountLoaded(entry: usize, flags: u32): void {
  accounts.loaded(entry, flags);
}

/** The entry of the slot of an account whose key is at IN. */
export function slot(entry: usize): usize {
  words.fromBytes(WORD, IN);
  return slots.slotAt(entry, WORD);
}

/** Takes over the value at IN as a slot's in the state. */
export function slotLoaded(entry: usize): void {
  words.fromBytes(entry + SLOT_VALUE, IN);
  slots.loaded(entry);
}

/** Room for code of an account, whose hash its entry has; put in before `codeLoaded`. */
export function code(bytes: u32): usize {
  return newCode(bytes);
}

export function codeLoaded(record: usize, entry: usize): void {
  linkCode(record, entry + ACCOUNT_CODE_HASH);
  accounts.isCodeLoaded(entry);
}

/** Gives an account code, in a record that is filled in, with the hash at IN. */
export function setCode(entry: usize, record: usize): void {
  if (record == 0) return accounts.setNoCode(entry);
  linkCode(record, IN);
  accounts.setCode(entry, record, IN);
}

/** Sets the balance at IN. */
export function setBalance(entry: usize): void {
  words.fromBytes(WORD, IN);
  accounts.setBalance(entry, WORD);
}

/** Adds what is at IN to a balance, and touches the account. */
export function addBalance(entry: usize): void {
  words.fromBytes(WORD, IN);
  accounts.addBalance(entry, WORD);
}

export function setNonce(entry: usize, nonce: u64): void {
  accounts.setNonce(entry, nonce);
}

/** Sets a slot, whose value is known, to the value at IN. */
export function setSlot(entry: usize): void {
  words.fromBytes(WORD, IN);
  slots.setSlot(entry, WORD);
}

/** Makes an account exist, also an empty one. */
export function ensure(entry: usize): void {
  accounts.ensure(entry);
}

/** Removes all slots of an account. */
export function clearStorage(entry: usize): void {
  accounts.ensure(entry);
  accounts.forgetStorage(entry);
  slots.wipe(entry);
}

/** Removes an account with its slots. */
export function remove(entry: usize): void {
  accounts.remove(entry);
  slots.wipe(entry);
}

export function warmAccount(entry: usize): void {
  accounts.warm(entry);
}

export function warmSlot(entry: usize): void {
  slots.warm(entry);
}

/** Says which precompiled contract answers at an account's address, and whether the fork has it there. */
export function setPrecompile(entry: usize, number: u32, isBuiltIn: bool): void {
  store<u32>(entry, number, ACCOUNT_PRECOMPILE);
  const flags = load<u32>(entry, ACCOUNT_FLAGS) & ~ACCOUNT_IS_BUILT_IN;
  store<u32>(entry, isBuiltIn ? flags | ACCOUNT_IS_BUILT_IN : flags, ACCOUNT_FLAGS);
}

/** The first account that may have changed: the others are behind it in its list. */
export function firstChangedAccount(): usize {
  return accounts.firstChanged;
}

export function firstChangedSlot(): usize {
  return slots.firstChanged;
}
