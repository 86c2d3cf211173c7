/** Code by its hash: shared by all accounts that have it, with its jump destinations. */
import { allocate } from "./heap";
import { keccak256 } from "./keccak";
import { CODE_HASH, CODE_JUMPS, CODE_LENGTH, CODE_NEXT, CODE_START } from "./layout";

const BUCKETS: usize = 512;
/** Zeros behind code, so that an instruction at its end reads no further (PUSH32), and STOP follows. */
export const PADDING: usize = 64;
const JUMPDEST: u8 = 0x5b;
const PUSH1: u8 = 0x60;
const PUSH32: u8 = 0x7f;

let buckets: usize = 0;

export function clearCodes(): void {
  buckets = allocate(BUCKETS << 2);
  memory.fill(buckets, 0, BUCKETS << 2);
}

function bucketOf(hash: usize): usize {
  return buckets + ((load<u32>(hash) & <u32> (BUCKETS - 1)) << 2);
}

/** The record of the code with a hash, 0 when it is not known. */
export function findCode(hash: usize): usize {
  let code: usize = load<u32>(bucketOf(hash));
  while (code != 0) {
    const at = code + CODE_HASH;
    if (
      load<u64>(at) == load<u64>(hash) && load<u64>(at, 8) == load<u64>(hash, 8) &&
      load<u64>(at, 16) == load<u64>(hash, 16) && load<u64>(at, 24) == load<u64>(hash, 24)
    ) return code;
    code = load<u32>(code, CODE_NEXT);
  }
  return 0;
}

/** A record for code of `size` bytes, which the caller puts at CODE_START before it is linked. */
export function newCode(size: usize): usize {
  const code = allocate(<usize> CODE_START + size + PADDING);
  store<u32>(code, size, CODE_LENGTH);
  store<u32>(code, 0, CODE_JUMPS);
  memory.fill(code + <usize> CODE_START + size, 0, PADDING);
  return code;
}

/** Makes a record findable by its hash. */
export function linkCode(code: usize, hash: usize): void {
  memory.copy(code + CODE_HASH, hash, 32);
  const bucket = bucketOf(hash);
  store<u32>(code, load<u32>(bucket), CODE_NEXT);
  store<u32>(bucket, code);
}

/** The record of code that a contract left: a known one, or a new one. */
export function internCode(from: usize, size: usize, hash: usize): usize {
  keccak256(from, size, hash);
  const known = findCode(hash);
  if (known != 0) return known;
  const code = newCode(size);
  memory.copy(code + CODE_START, from, size);
  linkCode(code, hash);
  return code;
}

/** The jump destinations of a code record. */
export function jumpsOf(code: usize): usize {
  let jumps: usize = load<u32>(code, CODE_JUMPS);
  if (jumps == 0) {
    const size: usize = load<u32>(code, CODE_LENGTH);
    jumps = allocate(jumpsBytes(size));
    analyse(code + CODE_START, size, jumps);
    store<u32>(code, jumps, CODE_JUMPS);
  }
  return jumps;
}

export function jumpsBytes(codeBytes: usize): usize {
  return (codeBytes + 7) >> 3;
}

/** Sets one bit for each JUMPDEST that is not the data of a PUSH. */
export function analyse(code: usize, size: usize, jumps: usize): void {
  memory.fill(jumps, 0, jumpsBytes(size));
  for (let pc: usize = 0; pc < size; pc++) {
    const op = load<u8>(code + pc);
    if (op == JUMPDEST) {
      const at = jumps + (pc >> 3);
      store<u8>(at, load<u8>(at) | 1 << <u8> (pc & 7));
    } else if (op >= PUSH1 && op <= PUSH32) pc += <usize> (op - PUSH1) + 1;
  }
}

/** True for 0xef0100 and an address (EIP-7702). */

export function isDelegation(code: usize): bool {
  return code != 0 && load<u32>(code, CODE_LENGTH) == 23 && (load<u32>(code, CODE_START) & 0xffffff) == 0x0001ef;
}
