import { assertEquals } from "@std/assert";
import {
  addressHex,
  bytesToHex,
  fixedHex,
  hexToBytes,
  minimalDigits,
  numberOfDigits,
  quantity,
  wordHex,
} from "../../src/primitives/hex.ts";

Deno.test("A quantity has no leading zeros, and zero is one digit", () => {
  assertEquals([quantity(0), quantity(0n), quantity(26), quantity(2n ** 64n)], [
    "0x0",
    "0x0",
    "0x1a",
    `0x1${"0".repeat(16)}`,
  ]);
});

Deno.test("Bytes and hex convert into each other, and an odd digit is the low half of the first byte", () => {
  const bytes = Uint8Array.of(0, 1, 0xfe, 0xff);
  assertEquals(bytesToHex(bytes), "0x0001feff");
  assertEquals(hexToBytes("0x0001feff"), bytes);
  assertEquals(hexToBytes("0x"), new Uint8Array(0));
  assertEquals(hexToBytes("0xabc"), Uint8Array.of(0x0a, 0xbc));
});

Deno.test("Numbers are padded to the width that is asked for", () => {
  assertEquals(fixedHex(0x1an, 3), "0x00001a");
  assertEquals(wordHex(1n), `0x${"0".repeat(63)}1`);
  assertEquals(addressHex(0xa1n), `0x${"0".repeat(38)}a1`);
});

Deno.test("The shortest big-endian digits are none for zero and an even count for everything else", () => {
  for (const [value, digits] of [[0n, ""], [1n, "01"], [255n, "ff"], [256n, "0100"]] as const) {
    assertEquals(minimalDigits(value), digits);
    assertEquals(numberOfDigits(digits), value);
  }
});
