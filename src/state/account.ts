import { keccakString } from "../crypto/keccak.ts";
import { type Code, NO_CODE } from "./code.ts";
import { writeNumber } from "./rlp_bytes.ts";
import { Storage } from "./storage.ts";
import { Trie } from "./trie.ts";
import type { Address } from "../primitives/types.ts";

/** One account as the state trie keeps it: with its preimage, and with its storage and code at hand. */
export interface AccountLeaf {
  readonly address: Address;
  readonly nonce: bigint;
  readonly balance: bigint;
  readonly code: Code;
  readonly storage: Storage;
  /** Over a base: the account was removed here, and hides the one that the base has. */
  readonly isRemoved?: true;
}

const HASH_BYTES = 32;
const addressBytes = new Uint8Array(20);
const accountValue = new Uint8Array(2 + 2 * (HASH_BYTES + 1) + 2 * (HASH_BYTES + 1));

export function encodeAccount(leaf: AccountLeaf): Uint8Array {
  // The root first: computing it runs other encoders, which must not find this buffer half written.
  const root = leaf.storage.root();
  let end = writeNumber(leaf.nonce, { out: accountValue, at: 2 });
  end = writeNumber(leaf.balance, { out: accountValue, at: end });
  accountValue[end++] = 0x80 + HASH_BYTES;
  for (let i = 0; i < HASH_BYTES; i++) accountValue[end++] = root.charCodeAt(i);
  accountValue[end++] = 0x80 + HASH_BYTES;
  accountValue.set(leaf.code.hashBytes, end);
  end += HASH_BYTES;
  // Two hashes alone make the payload longer than 55 bytes, and it never reaches 256.
  accountValue[0] = 0xf8;
  accountValue[1] = end - 2;
  return accountValue.subarray(0, end);
}

export const EMPTY_ACCOUNTS: Trie<AccountLeaf> = new Trie(encodeAccount);

export function emptyLeaf(address: Address): AccountLeaf {
  return { address, nonce: 0n, balance: 0n, code: NO_CODE, storage: Storage.EMPTY };
}

/** Hashing a key costs 3 us, looking it up 0.1 us (measured); emptied when full, which is simpler than evicting. */
const MAX_MEMO_ENTRIES = 1 << 16;
const addressKeys = new Map<Address, string>();

/** The place of an account in the state trie. */
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
