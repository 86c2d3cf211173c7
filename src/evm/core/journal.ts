/**
 * What the transaction has changed, so that a failed frame can be undone: a mark is a length. Each record is its kind, the
 * account or slot, and what was there before.
 */
import { allocate } from "./heap";
import {
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  ACCOUNT_CODE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_CREATED,
  ACCOUNT_DESTROYED,
  ACCOUNT_FLAGS,
  ACCOUNT_IS_CHANGED,
  ACCOUNT_NONCE,
  ACCOUNT_WARM,
  SLOT_VALUE,
  SLOT_WARM,
} from "./layout";
import { copy } from "./words";

const RECORD: usize = 48;
const OLD: usize = 8;
const FIRST_RECORDS: usize = 256;

const BALANCE: u32 = 1;
const NONCE: u32 = 2;
const CODE: u32 = 3;
const STATE: u32 = 4;
const TOUCH: u32 = 5;
/** From here on not of accounts that are touched by it (EIP-161). */
const WARM_ACCOUNT: u32 = 6;
const WARM_SLOT: u32 = 7;
const SLOT: u32 = 8;
const TRANSIENT: u32 = 9;

let records: usize = 0;
let capacity: usize = 0;
/** Bytes of records. */
export let length: usize = 0;
/** A touch of account 3 outlives its undoing: a fault of the DAO fork days that became a rule. */
export let isRipemdTouched: bool = false;

export function createJournal(): void {
  capacity = FIRST_RECORDS * RECORD;
  records = allocate(capacity);
  clearJournal();
}

export function clearJournal(): void {
  length = 0;
  isRipemdTouched = false;
}

function push(kind: u32, subject: usize): usize {
  if (length == capacity) {
    const larger = allocate(capacity << 1);
    memory.copy(larger, records, length);
    records = larger;
    capacity <<= 1;
  }
  const record = records + length;
  length += RECORD;
  store<u32>(record, kind);
  store<u32>(record, subject, 4);
  return record;
}

export function noteBalance(account: usize): void {
  copy(push(BALANCE, account) + OLD, account + ACCOUNT_BALANCE);
}

export function noteNonce(account: usize): void {
  const record = push(NONCE, account);
  store<u64>(record, load<u64>(account, ACCOUNT_NONCE), OLD);
}

export function noteCode(account: usize): void {
  const record = push(CODE, account);
  copy(record + OLD, account + ACCOUNT_CODE_HASH);
  store<u32>(record, load<u32>(account, ACCOUNT_CODE), OLD + 32);
}

/** That it exists, was made, was destroyed. */
export function noteState(account: usize): void {
  const record = push(STATE, account);
  store<u32>(record, load<u32>(account, ACCOUNT_FLAGS), OLD);
  store<u32>(record, load<u32>(account, ACCOUNT_CREATED), OLD + 4);
  store<u32>(record, load<u32>(account, ACCOUNT_DESTROYED), OLD + 8);
}

export function noteTouch(account: usize): void {
  push(TOUCH, account);
}

export function noteWarmAccount(account: usize): void {
  push(WARM_ACCOUNT, account);
}

export function noteWarmSlot(slot: usize): void {
  push(WARM_SLOT, slot);
}

export function noteSlot(slot: usize): void {
  copy(push(SLOT, slot) + OLD, slot + SLOT_VALUE);
}

export function noteTransient(slot: usize): void {
  const record = push(TRANSIENT, slot);
  copy(record + OLD, slot + SLOT_VALUE);
  store<u32>(record, load<u32>(slot, SLOT_WARM), OLD + 32);
}

/** Undoes everything after a mark, the last first. */
export function undoTo(mark: usize): void {
  while (length > mark) {
    length -= RECORD;
    const record = records + length;
    const subject: usize = load<u32>(record, 4);
    switch (load<u32>(record)) {
      case BALANCE:
        copy(subject + ACCOUNT_BALANCE, record + OLD);
        break;
      case NONCE:
        store<u64>(subject, load<u64>(record, OLD), ACCOUNT_NONCE);
        break;
      case CODE:
        copy(subject + ACCOUNT_CODE_HASH, record + OLD);
        store<u32>(subject, load<u32>(record, OLD + 32), ACCOUNT_CODE);
        break;
      case STATE: {
        // That it is listed as changed stays: the list is not undone.
        const listed = load<u32>(subject, ACCOUNT_FLAGS) & ACCOUNT_IS_CHANGED;
        store<u32>(subject, load<u32>(record, OLD) | listed, ACCOUNT_FLAGS);
        store<u32>(subject, load<u32>(record, OLD + 4), ACCOUNT_CREATED);
        store<u32>(subject, load<u32>(record, OLD + 8), ACCOUNT_DESTROYED);
        break;
      }
      case TOUCH:
        if (load<u64>(subject) == 3 && load<u64>(subject, ACCOUNT_ADDRESS + 8) == 0 && load<u32>(subject, 16) == 0) {
          isRipemdTouched = true;
        }
        break;
      case WARM_ACCOUNT:
        store<u32>(subject, 0, ACCOUNT_WARM);
        break;
      case WARM_SLOT:
        store<u32>(subject, 0, SLOT_WARM);
        break;
      case SLOT:
        copy(subject + SLOT_VALUE, record + OLD);
        break;
      case TRANSIENT:
        copy(subject + SLOT_VALUE, record + OLD);
        store<u32>(subject, load<u32>(record, OLD + 32), SLOT_WARM);
        break;
    }
  }
}

/** The account that the record at `at` touches, 0 for a record of something else. */
export function touchedAt(at: usize): usize {
  const record = records + at;
  return load<u32>(record) <= TOUCH ? load<u32>(record, 4) : 0;
}

export const RECORD_BYTES: usize = RECORD;
