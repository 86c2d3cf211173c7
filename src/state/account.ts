import { keccakString } from "../crypto/keccak.ts";
import { type Code, NO_CODE } from "./code.ts";
import { Trie } from "./trie.ts";
import type { Address } from "../primitives/types.ts";

/** One slot as the storage trie keeps it: with its preimage, for dumps. */
export interface StorageEntry {
  readonly slot: bigint;
  readonly value: bigint;
}

/** One account as the state trie keeps it: with its preimage, and with its storage and code at hand. */
export interface AccountLeaf {
  readonly address: Address;
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly code: Code;
  readonly storage: Trie<StorageEntry>;
}

const WORD_BYTES = 32;
const numberBytes = new Uint8Array(WORD_BYTES);
const slotBytes = new Uint8Array(WORD_BYTES);
const addressBytes = new Uint8Array(20);
const storageValue = new Uint8Array(WORD_BYTES + 1);
const accountValue = new Uint8Array(2 + 2 * (WORD_BYTES + 1) + 2 * (WORD_BYTES + 1));

/** Writes the RLP of a number below 2^256. */
function writeNumber(value: bigint, out: Uint8Array, at: number): number {
  if (value < 0x80n) {
    out[at] = value === 0n ? 0x80 : Number(value);
    return at + 1;
  }
  const hex = value.toString(16);
  const { written } = numberBytes.setFromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
  out[at] = 0x80 + written;
  for (let i = 0; i < written; i++) out[at + 1 + i] = numberBytes[i] ?? 0;
  return at + 1 + written;
}

function encodeStorage(entry: StorageEntry): Uint8Array {
  return storageValue.subarray(0, writeNumber(entry.value, storageValue, 0));
}

function encodeAccount(leaf: AccountLeaf): Uint8Array {
  // The root first: computing it runs other encoders, which must not find this buffer half written.
  const root = leaf.storage.root();
  let end = writeNumber(leaf.nonce, accountValue, 2);
  end = writeNumber(leaf.balance, accountValue, end);
  accountValue[end++] = 0x80 + WORD_BYTES;
  for (let i = 0; i < WORD_BYTES; i++) accountValue[end++] = root.charCodeAt(i);
  accountValue[end++] = 0x80 + WORD_BYTES;
  accountValue.set(leaf.code.hashBytes, end);
  end += WORD_BYTES;
  // Two hashes alone make the payload longer than 55 bytes, and it never reaches 256.
  accountValue[0] = 0xf8;
  accountValue[1] = end - 2;
  return accountValue.subarray(0, end);
}

export const EMPTY_STORAGE: Trie<StorageEntry> = new Trie(encodeStorage);
export const EMPTY_ACCOUNTS: Trie<AccountLeaf> = new Trie(encodeAccount);

export function emptyLeaf(address: Address): AccountLeaf {
  return { address, nonce: 0n, balance: 0n, code: NO_CODE, storage: EMPTY_STORAGE };
}

/** Hashing a key costs 3 us, looking it up 0.1 us (measured); emptied when full, which is simpler than evicting. */
const MAX_MEMO_ENTRIES = 1 << 16;
const addressKeys = new Map<Address, string>();
const slotKeys = new Map<bigint, string>();

/** Where an account is in the state trie. */
export function accountKey(address: Address): string {
  let key = addressKeys.get(address);
  if (key === undefined) {
    addressBytes.setFromHex(address.slice(2));
    key = keccakString(addressBytes);
    if (addressKeys.size >= MAX_MEMO_ENTRIES) addressKeys.clear();
    addressKeys.set(address, key);
  }
  return key;
}

/** Where a slot is in a storage trie. */
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
