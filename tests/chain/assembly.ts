import type { Address } from "../../src/eth/types.ts";

/** PUSH with as many bytes as the number needs. */
export function push(value: bigint | number): string {
  if (BigInt(value) === 0n) return "5f";
  const digits = value.toString(16);
  const bytes = digits.length % 2 === 0 ? digits : `0${digits}`;
  return (0x5f + bytes.length / 2).toString(16) + bytes;
}

export function pushAddress(address: Address): string {
  return `73${address.slice(2)}`;
}

const CALL_OP = { call: "f1", callCode: "f2", delegateCall: "f4", staticCall: "fa" } as const;

/** A call whose success is dropped; `value` only where the instruction takes one. */
export function callTo(
  address: Address,
  options: {
    readonly op?: keyof typeof CALL_OP;
    readonly value?: bigint;
    readonly gas?: number;
    /** Bytes of memory from its beginning. */
    readonly input?: number;
    readonly output?: number;
  } = {},
): string {
  const { op = "call", value = 0n, gas = 100_000, input = 0, output = 0 } = options;
  const sum = op === "call" || op === "callCode" ? push(value) : "";
  return `${push(output)}5f${push(input)}5f${sum}${pushAddress(address)}${push(gas)}${CALL_OP[op]}50`;
}

/** Code that reverts with Solidity's `Error("abc")`. */
export const REVERTS_ABC = "7f08c379a0" + "00".repeat(28) + "5f52" + "60206004527f" + "00".repeat(31) + "03602452" +
  "7f616263" + "00".repeat(29) + "60445260645ffd";
/** LOG0 of 32 bytes that end with 0xaa, then LOG1 of nothing with topic 0xbb. */
export const LOGS_TWICE = "60aa5f5260205fa060bb5f5fa100";
/** Returns storage slot 0 after it was counted up. */
export const COUNTS = "5f54600101805f555f5260205ff3";
