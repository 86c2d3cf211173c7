/** The accounts that the run knows, by address; their values, and what a transaction does to them. */
import { findCode, isDelegation } from "./codes";
import { hashAddress } from "./hashing";
import { allocate } from "./heap";
import * as journal from "./journal";
import {
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  ACCOUNT_BASE_CODE,
  ACCOUNT_BASE_CODE_HASH,
  ACCOUNT_BASE_EXISTS,
  ACCOUNT_BASE_NONCE,
  ACCOUNT_BYTES,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_CREATED,
  ACCOUNT_DESTROYED,
  ACCOUNT_EXISTS,
  ACCOUNT_FLAGS,
  ACCOUNT_IS_BUILT_IN,
  ACCOUNT_IS_CHANGED,
  ACCOUNT_IS_LOADED,
  ACCOUNT_IS_WIPED,
  ACCOUNT_NEXT,
  ACCOUNT_NEXT_CHANGED,
  ACCOUNT_NONCE,
  ACCOUNT_PRECOMPILE,
  ACCOUNT_WARM,
  CODE_START,
  FLAG_EIP161,
  RULE_FLAGS,
} from "./layout";
import { rule } from "./rules";
import { isEqual, isZero } from "./words";
import * as words from "./words";

const FIRST_CAPACITY: usize = 1024;
/** keccak256 of nothing, as four little-endian loads see it. */
const EMPTY_CODE_HASH = memory.data<u8>([
  0xc5,
  0xd2,
  0x46,
  0x01,
  0x86,
  0xf7,
  0x23,
  0x3c,
  0x92,
  0x7e,
  0x7d,
  0xb2,
  0xdc,
  0xc7,
  0x03,
  0xc0,
  0xe5,
  0x00,
  0xb6,
  0x53,
  0xca,
  0x82,
  0x27,
  0x3b,
  0x7b,
  0xfa,
  0xd8,
  0x04,
  0x5d,
  0x85,
  0xa4,
  0x70,
]);

let index: usize = 0;
let capacity: usize = 0;
let count: usize = 0;
/** All accounts, and those that the run may have changed: lists through ACCOUNT_NEXT and ACCOUNT_NEXT_CHANGED. */
export let first: usize = 0;
export let firstChanged: usize = 0;
/** The transaction that runs; counted up, so that what an earlier one warmed or made is not this one's. */
export let transaction: u32 = 1;

export function createAccounts(): void {
  capacity = FIRST_CAPACITY;
  index = allocate(capacity << 2);
  memory.fill(index, 0, capacity << 2);
  count = 0;
  first = 0;
  firstChanged = 0;
}

export function nextTransaction(): void {
  transaction++;
}

/** The entry of an address (the low 160 bits of a word); a new one when there is none yet, whose values are not known. */
export function accountAt(word: usize): usize {
  const low = load<u64>(word), middle = load<u64>(word, 8), high = load<u32>(word, 16);
  let at: usize = hashAddress(word) & <u32> (capacity - 1);
  for (;;) {
    const account: usize = load<u32>(index + (at << 2));
    if (account == 0) break;
    if (load<u64>(account) == low && load<u64>(account, 8) == middle && load<u32>(account, 16) == high) return account;
    at = (at + 1) & (capacity - 1);
  }
  return insert(low, middle, high);
}

function insert(low: u64, middle: u64, high: u32): usize {
  if (count << 1 >= capacity) grow();
  const account = allocate(ACCOUNT_BYTES);
  memory.fill(account, 0, ACCOUNT_BYTES);
  store<u64>(account, low, ACCOUNT_ADDRESS);
  store<u64>(account, middle, ACCOUNT_ADDRESS + 8);
  store<u64>(account, <u64> high, ACCOUNT_ADDRESS + 16);
  store<u32>(account, first, ACCOUNT_NEXT);
  first = account;
  count++;
  place(account);
  return account;
}

function place(account: usize): void {
  let at: usize = hashAddress(account) & <u32> (capacity - 1);
  while (load<u32>(index + (at << 2)) != 0) at = (at + 1) & (capacity - 1);
  store<u32>(index + (at << 2), account);
}

function grow(): void {
  capacity <<= 1;
  index = allocate(capacity << 2);
  memory.fill(index, 0, capacity << 2);
  for (let account = first; account != 0; account = load<u32>(account, ACCOUNT_NEXT)) place(account);
}

export function isLoaded(account: usize): bool {
  return (load<u32>(account, ACCOUNT_FLAGS) & ACCOUNT_IS_LOADED) != 0;
}

export function exists(account: usize): bool {
  return (load<u32>(account, ACCOUNT_FLAGS) & ACCOUNT_EXISTS) != 0;
}

/** Without nonce, balance and code (EIP-161); also when it does not exist. */
export function isEmpty(account: usize): bool {
  return !exists(account) ||
    (load<u64>(account, ACCOUNT_NONCE) == 0 && isZero(account + ACCOUNT_BALANCE) && !hasCode(account));
}

export function hasCode(account: usize): bool {
  return exists(account) && !isEqual(account + ACCOUNT_CODE_HASH, EMPTY_CODE_HASH);
}

/** True when its code's bytes are at hand, or it has none. */
export function isCodeLoaded(account: usize): bool {
  if (load<u32>(account, ACCOUNT_CODE) != 0 || !hasCode(account)) return true;
  const code = findCode(account + ACCOUNT_CODE_HASH);
  if (code == 0) return false;
  store<u32>(account, code, ACCOUNT_CODE);
  if (isEqual(account + ACCOUNT_BASE_CODE_HASH, account + ACCOUNT_CODE_HASH)) {
    store<u32>(account, code, ACCOUNT_BASE_CODE);
  }
  return true;
}

/** Takes over what the host has put in as nonce, balance and hash of the code, and keeps it as what the state has. */
export function loaded(account: usize, flags: u32): void {
  if ((flags & ACCOUNT_EXISTS) == 0) clearValues(account);
  memory.copy(account + ACCOUNT_BASE_NONCE, account + ACCOUNT_NONCE, 72);
  const kept = load<u32>(account, ACCOUNT_FLAGS) & ACCOUNT_IS_BUILT_IN;
  const base = (flags & ACCOUNT_EXISTS) != 0 ? ACCOUNT_BASE_EXISTS : 0;
  store<u32>(account, kept | flags | base | ACCOUNT_IS_LOADED, ACCOUNT_FLAGS);
}

function clearValues(account: usize): void {
  store<u64>(account, 0, ACCOUNT_NONCE);
  words.clear(account + ACCOUNT_BALANCE);
  words.copy(account + ACCOUNT_CODE_HASH, EMPTY_CODE_HASH);
  store<u32>(account, 0, ACCOUNT_CODE);
}

/** Lists an account as changed in this run. */
export function markChanged(account: usize): void {
  const flags = load<u32>(account, ACCOUNT_FLAGS);
  if ((flags & ACCOUNT_IS_CHANGED) != 0) return;
  store<u32>(account, flags | ACCOUNT_IS_CHANGED, ACCOUNT_FLAGS);
  store<u32>(account, firstChanged, ACCOUNT_NEXT_CHANGED);
  firstChanged = account;
}

/** Back to what the state has, for all accounts that the run may have changed. */
export function restoreAccounts(): void {
  for (let account = firstChanged; account != 0; account = load<u32>(account, ACCOUNT_NEXT_CHANGED)) {
    memory.copy(account + ACCOUNT_NONCE, account + ACCOUNT_BASE_NONCE, 72);
    store<u32>(account, load<u32>(account, ACCOUNT_BASE_CODE), ACCOUNT_CODE);
    const flags = load<u32>(account, ACCOUNT_FLAGS) & ~(ACCOUNT_EXISTS | ACCOUNT_IS_WIPED | ACCOUNT_IS_CHANGED);
    store<u32>(account, (flags & ACCOUNT_BASE_EXISTS) != 0 ? flags | ACCOUNT_EXISTS : flags, ACCOUNT_FLAGS);
    store<u32>(account, 0, ACCOUNT_CREATED);
    store<u32>(account, 0, ACCOUNT_DESTROYED);
  }
  firstChanged = 0;
}

/** Makes the values of this moment those of the state, for all accounts that the run may have changed. */
export function adoptAccounts(): void {
  for (let account = firstChanged; account != 0; account = load<u32>(account, ACCOUNT_NEXT_CHANGED)) {
    memory.copy(account + ACCOUNT_BASE_NONCE, account + ACCOUNT_NONCE, 72);
    store<u32>(account, load<u32>(account, ACCOUNT_CODE), ACCOUNT_BASE_CODE);
    const flags = load<u32>(account, ACCOUNT_FLAGS) & ~(ACCOUNT_BASE_EXISTS | ACCOUNT_IS_WIPED | ACCOUNT_IS_CHANGED);
    store<u32>(account, (flags & ACCOUNT_EXISTS) != 0 ? flags | ACCOUNT_BASE_EXISTS : flags, ACCOUNT_FLAGS);
  }
  firstChanged = 0;
}

// --- Changes, each noted in the journal ---------------------------------------------------------------------------

/** Makes an account exist. */
export function ensure(account: usize): void {
  if (exists(account)) return;
  journal.noteState(account);
  markChanged(account);
  store<u32>(account, load<u32>(account, ACCOUNT_FLAGS) | ACCOUNT_EXISTS, ACCOUNT_FLAGS);
}

export function touch(account: usize): void {
  journal.noteTouch(account);
}

export function addBalance(account: usize, value: usize): void {
  ensure(account);
  if (isZero(value)) return touch(account);
  journal.noteBalance(account);
  markChanged(account);
  words.add(value, account + ACCOUNT_BALANCE);
}

const DIFFERENCE = memory.data(32, 8);

export function subtractBalance(account: usize, value: usize): void {
  if (isZero(value)) return;
  journal.noteBalance(account);
  markChanged(account);
  words.copy(DIFFERENCE, value);
  words.subtract(account + ACCOUNT_BALANCE, DIFFERENCE);
  words.copy(account + ACCOUNT_BALANCE, DIFFERENCE);
}

export function setBalance(account: usize, value: usize): void {
  ensure(account);
  journal.noteBalance(account);
  markChanged(account);
  words.copy(account + ACCOUNT_BALANCE, value);
}

export function setNonce(account: usize, nonce: u64): void {
  ensure(account);
  journal.noteNonce(account);
  markChanged(account);
  store<u64>(account, nonce, ACCOUNT_NONCE);
}

/** Gives an account the code of a record, whose hash is at `hash`. */
export function setCode(account: usize, code: usize, hash: usize): void {
  ensure(account);
  journal.noteCode(account);
  markChanged(account);
  words.copy(account + ACCOUNT_CODE_HASH, hash);
  store<u32>(account, code, ACCOUNT_CODE);
}

export function setNoCode(account: usize): void {
  setCode(account, 0, EMPTY_CODE_HASH);
}

/** Makes an account a contract of this transaction, without slots. */
export function markCreated(account: usize): void {
  journal.noteState(account);
  markChanged(account);
  store<u32>(account, load<u32>(account, ACCOUNT_FLAGS) | ACCOUNT_EXISTS | ACCOUNT_IS_WIPED, ACCOUNT_FLAGS);
  store<u32>(account, transaction, ACCOUNT_CREATED);
}

/** From now on slots that are not known are zero. */
export function forgetStorage(account: usize): void {
  markChanged(account);
  store<u32>(account, load<u32>(account, ACCOUNT_FLAGS) | ACCOUNT_IS_WIPED, ACCOUNT_FLAGS);
}

export function isCreated(account: usize): bool {
  return load<u32>(account, ACCOUNT_CREATED) == transaction;
}

export function markDestroyed(account: usize): void {
  journal.noteState(account);
  markChanged(account);
  store<u32>(account, transaction, ACCOUNT_DESTROYED);
}

export function isDestroyed(account: usize): bool {
  return load<u32>(account, ACCOUNT_DESTROYED) == transaction;
}

/** Removes an account at the end of its transaction; nothing brings it back. */
export function remove(account: usize): void {
  markChanged(account);
  clearValues(account);
  const flags = load<u32>(account, ACCOUNT_FLAGS) & ~ACCOUNT_EXISTS;
  store<u32>(account, flags | ACCOUNT_IS_WIPED, ACCOUNT_FLAGS);
}

// --- Access (EIP-2929) --------------------------------------------------------------------------------------------

export function isWarm(account: usize): bool {
  return load<u32>(account, ACCOUNT_WARM) == transaction ||
    (load<u32>(account, ACCOUNT_FLAGS) & ACCOUNT_IS_BUILT_IN) != 0;
}

export function warm(account: usize): void {
  if (isWarm(account)) return;
  journal.noteWarmAccount(account);
  store<u32>(account, transaction, ACCOUNT_WARM);
}

// --- Delegation (EIP-7702) ----------------------------------------------------------------------------------------

const TARGET = memory.data(32, 8);

/** The account whose code runs in place of a delegation, 0 when the account's own runs. The code must be at hand. */
export function delegateOf(account: usize): usize {
  const code: usize = load<u32>(account, ACCOUNT_CODE);
  if (!isDelegation(code)) return 0;
  words.fromAddressBytes(TARGET, code + CODE_START + 3);
  return accountAt(TARGET);
}

export function precompileOf(account: usize): u32 {
  return load<u32>(account, ACCOUNT_PRECOMPILE);
}

/** True when touched accounts that are empty go. */

export function removesEmpty(): bool {
  return (rule(RULE_FLAGS) & FLAG_EIP161) != 0;
}
