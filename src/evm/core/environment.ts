/** What the instructions see around them: the frame, the transaction, the block. */
import { frame, memories } from "./heap";
import {
  ACCOUNT_BALANCE,
  ENV_BASE_FEE,
  ENV_BLOB_BASE_FEE,
  ENV_CHAIN_ID,
  ENV_COINBASE,
  ENV_GAS_LIMIT,
  ENV_GAS_PRICE,
  ENV_NUMBER,
  ENV_ORIGIN,
  ENV_RANDOM,
  ENV_TIMESTAMP,
  FRAME_ACCOUNT,
  FRAME_CALLER,
  FRAME_CODE_BYTES,
  FRAME_INPUT,
  FRAME_INPUT_BYTES,
  FRAME_VALUE,
} from "./layout";
import * as output from "./output";
import * as words from "./words";

/** Writes what an instruction without arguments finds to `to`. */
export function push(op: u32, to: usize): void {
  switch (op) {
    case 0x30: // ADDRESS
      words.copy(to, load<u32>(frame, FRAME_ACCOUNT));
      // What follows an address in an account's entry is not its upper limb.
      return store<u64>(to, 0, 24);
    case 0x32: // ORIGIN
      return words.copy(to, ENV_ORIGIN);
    case 0x33: // CALLER
      return words.copy(to, frame + FRAME_CALLER);
    case 0x34: // CALLVALUE
      return words.copy(to, frame + FRAME_VALUE);
    case 0x36: // CALLDATASIZE
      return words.set(to, load<u32>(frame, FRAME_INPUT_BYTES));
    case 0x38: // CODESIZE
      return words.set(to, load<u32>(frame, FRAME_CODE_BYTES));
    case 0x3a: // GASPRICE
      return words.copy(to, ENV_GAS_PRICE);
    case 0x3d: // RETURNDATASIZE
      return words.set(to, output.size);
    case 0x41: // COINBASE
      return words.copy(to, ENV_COINBASE);
    case 0x42: // TIMESTAMP
      return words.copy(to, ENV_TIMESTAMP);
    case 0x43: // NUMBER
      return words.copy(to, ENV_NUMBER);
    case 0x44: // DIFFICULTY, PREVRANDAO
      return words.copy(to, ENV_RANDOM);
    case 0x45: // GASLIMIT
      return words.copy(to, ENV_GAS_LIMIT);
    case 0x46: // CHAINID
      return words.copy(to, ENV_CHAIN_ID);
    case 0x47: // SELFBALANCE
      return words.copy(to, load<u32>(frame, FRAME_ACCOUNT) + ACCOUNT_BALANCE);
    case 0x48: // BASEFEE
      return words.copy(to, ENV_BASE_FEE);
    default: // BLOBBASEFEE
      return words.copy(to, ENV_BLOB_BASE_FEE);
  }
}

/** word = the 32 bytes of input at the offset that it is, with zeros beyond the end. */
export function inputWord(word: usize): void {
  const bytes = <u64> load<u32>(frame, FRAME_INPUT_BYTES), offset = load<u64>(word);
  if (!words.isShort(word) || offset >= bytes) return words.clear(word);
  const from: usize = memories + load<u32>(frame, FRAME_INPUT) + <usize> offset, had = bytes - offset;
  if (had >= 32) return words.fromBytes(word, from);
  words.clear(word);
  memory.copy(word, from, <usize> had);
  words.fromBytes(word, word);
}
