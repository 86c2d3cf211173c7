/** CREATE and CREATE2, and the begin of a frame that makes a contract. */
import * as accounts from "./accounts";
import { analyse, jumpsBytes, PADDING } from "./codes";
import * as cost from "./cost";
import { begin, mark, setCaller, want } from "./frames";
import { frame, memories, nextFrame, reserve } from "./heap";
import { keccak256 } from "./keccak";
import {
  ACCOUNT_BALANCE,
  ACCOUNT_NONCE,
  FLAG_EIP150,
  FLAG_EIP161,
  FLAG_EIP2929,
  FRAME_ACCOUNT,
  FRAME_CALLER_ACCOUNT,
  FRAME_CODE,
  FRAME_CODE_ACCOUNT,
  FRAME_CODE_BYTES,
  FRAME_GAS,
  FRAME_INPUT,
  FRAME_INPUT_BYTES,
  FRAME_IP,
  FRAME_IS_STATIC,
  FRAME_JUMPS,
  FRAME_KIND,
  FRAME_MEMORY,
  FRAME_MEMORY_BYTES,
  FRAME_RETURN,
  FRAME_RETURN_BYTES,
  FRAME_SP,
  FRAME_VALUE,
  HALT_BALANCE,
  HALT_COLLISION,
  HALT_NONCE_OVERFLOW,
  HALT_NONE,
  HALT_OUT_OF_GAS,
  KIND_CREATE,
  SCRATCH,
} from "./layout";
import { charge, floor, grow } from "./memory";
import { has } from "./rules";
import { rlpAddress } from "./addresses";
import { budget, end, NEW_PHASE, PHASE_ENTER, setBudget, setPhase } from "./run";
import { hasStorage } from "./slots";
import * as words from "./words";

const HASH: usize = SCRATCH + 1280;
const ADDRESS: usize = SCRATCH + 1312;
const TEXT: usize = SCRATCH + 1344;

/** CREATE, CREATE2. */
export function create(kind: u32, top: usize): i32 {
  const price = cost.creation(kind, top);
  if (cost.halt != HALT_NONE) return end(cost.halt);
  const gasBefore = load<u64>(frame, FRAME_GAS), memoryBefore = load<u32>(frame, FRAME_MEMORY_BYTES);
  if (!charge(price)) return end(HALT_OUT_OF_GAS);
  grow(cost.end);
  const self: usize = load<u32>(frame, FRAME_ACCOUNT);
  const size: usize = load<u32>(top - 96);
  const input = load<u32>(frame, FRAME_MEMORY) + (size == 0 ? 0 : load<u32>(top - 64));
  if (kind == KIND_CREATE) rlpAddress(self, load<u64>(self, ACCOUNT_NONCE), ADDRESS);
  else saltedAddress(self, top - 128, memories + input, size);
  const account = accounts.accountAt(ADDRESS);
  if (!accounts.isLoaded(account)) {
    // The address had to be known first; the instruction pays and grows the memory again when it is run again.
    store<u64>(frame, gasBefore, FRAME_GAS);
    store<u32>(frame, memoryBefore, FRAME_MEMORY_BYTES);
    return want(account);
  }
  const gas = load<u64>(frame, FRAME_GAS), forwarded = has(FLAG_EIP150) ? gas - (gas >> 6) : gas;
  store<u64>(frame, gas - forwarded, FRAME_GAS);
  setBudget(budget + <i64> forwarded);
  const next = nextFrame();
  words.copy(next + FRAME_VALUE, top - 32);
  store<u32>(next, kind, FRAME_KIND);
  store<u64>(next, forwarded, FRAME_GAS);
  store<u32>(next, 0, FRAME_IS_STATIC);
  store<u32>(next, account, FRAME_ACCOUNT);
  store<u32>(next, account, FRAME_CODE_ACCOUNT);
  store<u32>(next, self, FRAME_CALLER_ACCOUNT);
  setCaller(next, self);
  store<u32>(next, input, FRAME_INPUT);
  store<u32>(next, size, FRAME_INPUT_BYTES);
  store<u32>(next, 0, FRAME_RETURN);
  store<u32>(next, 0, FRAME_RETURN_BYTES);
  store<u32>(frame, top - (kind == KIND_CREATE ? 96 : 128), FRAME_SP);
  setPhase(PHASE_ENTER);
  return NEW_PHASE;
}

/** keccak256(0xff, creator, salt, keccak256(init code)), of which the last 20 bytes (EIP-1014). */
function saltedAddress(creator: usize, salt: usize, code: usize, size: usize): void {
  store<u8>(TEXT, 0xff);
  words.toAddressBytes(TEXT + 1, creator);
  words.toBytes(TEXT + 21, salt);
  keccak256(code, size, TEXT + 53);
  keccak256(TEXT, 85, HASH);
  words.fromAddressBytes(ADDRESS, HASH + 12);
}

/** Begins a frame that runs init code. */
export function enterCreation(next: usize): i32 {
  const creator: usize = load<u32>(next, FRAME_CALLER_ACCOUNT), account: usize = load<u32>(next, FRAME_ACCOUNT);
  const value = next + FRAME_VALUE, nonce = load<u64>(creator, ACCOUNT_NONCE);
  if (words.isLess(creator + ACCOUNT_BALANCE, value)) return end(HALT_BALANCE);
  if (nonce + 1 == 0) return end(HALT_NONCE_OVERFLOW);
  accounts.setNonce(creator, nonce + 1);
  if (has(FLAG_EIP2929)) accounts.warm(account);
  // The nonce and the access stay when the creation fails.
  mark(next);
  if (load<u64>(account, ACCOUNT_NONCE) != 0 || accounts.hasCode(account) || hasStorage(account)) {
    return end(HALT_COLLISION);
  }
  accounts.markCreated(account);
  if (has(FLAG_EIP161)) accounts.setNonce(account, 1);
  accounts.subtractBalance(creator, value);
  accounts.addBalance(account, value);
  const size: usize = load<u32>(next, FRAME_INPUT_BYTES);
  if (size == 0) return end(HALT_NONE);
  // The code lies before the new frame's memory: the creator's may not move under it.
  const top = floor(), jumpsAt = top + (size + PADDING + 7 & ~7);
  const memoryAt = (jumpsAt + jumpsBytes(size) + 31) & ~31;
  reserve(<u64> memories + <u64> memoryAt);
  const code = memories + top;
  memory.copy(code, memories + load<u32>(next, FRAME_INPUT), size);
  memory.fill(code + size, 0, PADDING);
  analyse(code, size, memories + jumpsAt);
  begin(next, memoryAt);
  store<u32>(next, code, FRAME_CODE);
  store<u32>(next, code, FRAME_IP);
  store<u32>(next, size, FRAME_CODE_BYTES);
  store<u32>(next, memories + jumpsAt, FRAME_JUMPS);
  store<u32>(next, 0, FRAME_INPUT_BYTES);
  return NEW_PHASE;
}
