import { assertEquals, assertThrows } from "@std/assert";
import { decodeStorageKey } from "../../../src/eth/input/storage_key.ts";
import { RpcError } from "../../../src/rpc/error.ts";

Deno.test("decodeStorageKey pads, and needs neither prefix nor even length", () => {
  const one = `0x${"0".repeat(63)}1` as const;
  for (const text of ["0x1", "0x01", "1", "01", "0X1", one, one.slice(2)]) assertEquals(decodeStorageKey(text), one);
  assertEquals(decodeStorageKey(""), `0x${"0".repeat(64)}`);
  assertEquals(decodeStorageKey("0x"), `0x${"0".repeat(64)}`);
});

Deno.test("decodeStorageKey fails with -32602 and the key in the text, but no argument number", () => {
  const bad: [string, string][] = [
    ["0xasdf", 'invalid hex in storage key: "0xasdf"'],
    ["0x 1", 'invalid hex in storage key: "0x 1"'],
    [`0x${"1".repeat(65)}`, `storage key too long (want at most 32 bytes): "0x${"1".repeat(65)}"`],
  ];
  for (const [text, message] of bad) {
    const error = assertThrows(() => decodeStorageKey(text), RpcError);
    assertEquals({ code: error.code, message: error.message }, { code: -32602, message });
  }
});
