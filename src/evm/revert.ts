import { ETH_CODE } from "../eth/error.ts";
import { RpcError } from "../rpc/error.ts";
import { bytesToHex } from "../primitives/hex.ts";

const ERROR_SELECTOR = "08c379a0";
const PANIC_SELECTOR = "4e487b71";
const WORD = 32;

/** Solidity's panic codes, as geth words them (accounts/abi/abi.go). */
const PANIC_REASONS: { readonly [code: string]: string } = {
  "0": "generic panic",
  "1": "assert(false)",
  "17": "arithmetic underflow or overflow",
  "18": "division or modulo by zero",
  "33": "enum overflow",
  "34": "invalid encoded storage byte array accessed",
  "49": "out-of-bounds array access; popping on an empty array",
  "50": "out-of-bounds access of an array or bytesN",
  "65": "out of memory",
  "81": "uninitialized function",
};

/** Returns the reason of a revert: Solidity's `Error(string)` or `Panic(uint256)`; undefined for any other data. */
export function revertReason(data: Uint8Array): string | undefined {
  const selector = data.subarray(0, 4).toHex();
  const body = data.subarray(4);
  if (selector === PANIC_SELECTOR && body.length >= WORD) {
    const code = BigInt(bytesToHex(body.subarray(0, WORD)));
    return PANIC_REASONS[code.toString()] ?? `unknown panic code: 0x${code.toString(16)}`;
  }
  if (selector !== ERROR_SELECTOR || body.length < 2 * WORD) return undefined;
  const offset = BigInt(bytesToHex(body.subarray(0, WORD)));
  if (offset + BigInt(WORD) > BigInt(body.length)) return undefined;
  const start = Number(offset) + WORD;
  const length = BigInt(bytesToHex(body.subarray(start - WORD, start)));
  if (BigInt(start) + length > BigInt(body.length)) return undefined;
  return new TextDecoder().decode(body.subarray(start, start + Number(length)));
}

/** geth's revertError: code 3, the reason in the message and the bytes in `data`. */
export function revertError(data: Uint8Array): RpcError {
  const reason = revertReason(data);
  return new RpcError(
    ETH_CODE.reverted,
    reason === undefined ? "execution reverted" : `execution reverted: ${reason}`,
    { data: bytesToHex(data) },
  );
}
