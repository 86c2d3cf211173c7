import { assertEquals } from "@std/assert";
import { returned } from "./program.ts";

/** GAS, kept in the first word of memory; the instructions; and how much less GAS is after them. */
function measured(instructions: string): string {
  return `5a5f52${instructions}5a5f51035f5260205ff3`;
}

const VERY_LOW = 3n;
const BASE = 2n;
const CREATE_GAS = 32_000n;
/** PUSH0 and MSTORE after the first GAS, the word of memory that it makes, and the second GAS itself. */
const AROUND = 2n * BASE + 2n * VERY_LOW;

Deno.test("A creation pays for the memory that its init code makes grow", async () => {
  // 64 bytes of zeros, of which the second word is new; init code of zeros stops at once.
  for (const [op, salt, wordGas] of [["f0", "", 2n], ["f5", "5f", 8n]] as const) {
    const output = await returned(measured(`${salt}60405f5f${op}50`));
    const pushes = VERY_LOW + BigInt(2 + salt.length / 2) * BASE;
    const expected = AROUND + pushes + CREATE_GAS + 2n * wordGas + VERY_LOW + BASE;
    assertEquals(BigInt(`0x${output.toHex()}`), expected, op);
  }
});
