/** Where a contract is made: keccak256(rlp(creator, nonce)), of which the last 20 bytes. */
import { keccak256 } from "./keccak";
import { SCRATCH } from "./layout";
import { fromAddressBytes, toAddressBytes } from "./words";

const TEXT: usize = SCRATCH + 1536;

/** to = the address, as a word, of what `creator` (an account) makes with a nonce. */
export function rlpAddress(creator: usize, nonce: u64, to: usize): void {
  let size: usize = 1;
  if (nonce == 0) store<u8>(TEXT, 0x80, 22);
  else if (nonce < 0x80) store<u8>(TEXT, <u8> nonce, 22);
  else {
    const bytes = 8 - <usize> (clz<u64>(nonce) >> 3);
    store<u8>(TEXT, 0x80 + <u8> bytes, 22);
    store<u64>(TEXT, bswap<u64>(nonce << (64 - (<u64> bytes << 3))), 23);
    size += bytes;
  }
  store<u8>(TEXT, 0xc0 + 21 + <u8> size);
  store<u8>(TEXT, 0x94, 1);
  toAddressBytes(TEXT + 2, creator);
  keccak256(TEXT, 22 + size, TEXT + 64);
  fromAddressBytes(to, TEXT + 76);
}
