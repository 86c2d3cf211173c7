import { assertEquals } from "@std/assert";
import { codeOfRevm, revmCode } from "../../../../src/chain/roles/dev/revm_code.ts";

function legacy(code: string) {
  const revm = revmCode(Uint8Array.fromHex(code));
  if (!("LegacyAnalyzed" in revm)) throw new Error("expected plain code");
  const { bytecode, original_len: length, jump_table: { bits, data } } = revm.LegacyAnalyzed;
  return { bytecode, length, bits, data };
}

Deno.test("revmCode writes code, padding and jump destinations as anvil dumps them (measured with anvil 1.7.1)", () => {
  assertEquals(legacy(""), { bytecode: "0x00", length: 0, bits: 0, data: [] });
  // The proxy for deterministic deployments, which every anvil chain has.
  const proxy = "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f5" +
    "8015156039578182fd5b8082525050506014600cf3";
  assertEquals(legacy(proxy), {
    bytecode: `0x${proxy}00`,
    length: 69,
    bits: 69,
    data: [0, 0, 0, 0, 0, 0, 0, 2, 0],
  });
  // A STOP at the end needs nothing after it; a PUSH that is cut off gets its bytes and a STOP.
  assertEquals(legacy("5b00"), { bytecode: "0x5b00", length: 2, bits: 2, data: [1] });
  assertEquals(legacy("625b"), { bytecode: "0x625b000000", length: 2, bits: 2, data: [0] });
});

Deno.test("Code comes back from revm's form, delegations too", () => {
  for (const code of ["", "5b00", "625b", "6001600255", `ef0100${"aa".repeat(20)}`]) {
    assertEquals(codeOfRevm(revmCode(Uint8Array.fromHex(code))).toHex(), code);
  }
  assertEquals(codeOfRevm(null).length, 0);
});
