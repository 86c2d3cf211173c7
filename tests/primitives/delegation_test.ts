import { assertEquals } from "@std/assert";
import { delegateOf, delegationCode, isDelegation } from "../../src/primitives/delegation.ts";
import { addressHex, hexToBytes, ZERO_ADDRESS } from "../../src/primitives/hex.ts";

const DELEGATE = addressHex(0xabcdn);

Deno.test("The code of a delegating account is 0xef0100 and the address (EIP-7702)", () => {
  const code = delegationCode(DELEGATE);
  assertEquals(code, hexToBytes(`0xef0100${DELEGATE.slice(2)}`));
  assertEquals([isDelegation(code), delegateOf(code)], [true, DELEGATE]);
});

Deno.test("Delegating to the zero address leaves no code", () => {
  assertEquals(delegationCode(ZERO_ADDRESS), new Uint8Array(0));
});

Deno.test("Code of another length or another first byte is no delegation", () => {
  const others = ["0x", "0xef0100", `0xef0101${DELEGATE.slice(2)}`, `0xef0100${DELEGATE.slice(2)}00`] as const;
  for (const code of others) {
    assertEquals([isDelegation(hexToBytes(code)), delegateOf(hexToBytes(code))], [false, undefined], code);
  }
});
