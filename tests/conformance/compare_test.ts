import { assertEquals } from "@std/assert";
import { differences } from "./compare.ts";
import { parseIoCase } from "./io_case.ts";

const exact = { shapeOnly: false };
const shape = { shapeOnly: true };

function answer(result: unknown): unknown {
  return { jsonrpc: "2.0", id: 1, result };
}

function refusal(error: unknown): unknown {
  return { jsonrpc: "2.0", id: 1, error };
}

Deno.test("Comparison accepts equal results whatever their key order", () => {
  assertEquals(
    differences(answer({ a: "0x1", b: [null, { c: true }] }), answer({ b: [null, { c: true }], a: "0x1" }), exact),
    [],
  );
});

Deno.test("Comparison names each field that differs, is missing or is too much", () => {
  assertEquals(differences(answer({ a: 1, c: 3 }), answer({ a: 2, b: [4] }), exact), [
    "result.a: 1, expected 2",
    "result.b: missing, expected [4]",
    "result.c: unexpected 3",
  ]);
  assertEquals(differences(answer([1]), answer([1, 2]), exact), ["result: 1 items, expected 2"]);
});

Deno.test("Comparison of errors looks at code, data and the presence of a message", () => {
  const expected = refusal({ code: 3, message: "execution reverted: a", data: "0x08" });
  assertEquals(differences(refusal({ code: 3, message: "other words", data: "0x08" }), expected, exact), []);
  assertEquals(differences(refusal({ code: -32000, data: "0x09" }), expected, exact), [
    "error.message is missing",
    "error.code: -32000, expected 3",
    'error.data: "0x09", expected "0x08"',
  ]);
  assertEquals(differences(answer(1), expected, exact).length, 1);
  assertEquals(differences(expected, answer(1), exact).length, 1);
});

Deno.test("Comparison of shapes looks at types and names only", () => {
  const expected = answer({ head: { number: "0x36" }, items: [{ a: "0x1" }] });
  assertEquals(differences(answer({ head: { number: "0x1" }, items: [], more: 1 }), expected, shape), []);
  assertEquals(differences(answer({ head: {}, items: [{ a: 1 }] }), expected, shape), [
    "result.head.number: missing",
    "result.items[0].a: 1, expected a string",
  ]);
});

Deno.test("A case file is read into its exchanges", () => {
  const text =
    '// what it is\n// speconly: shape\n>> {"id":1}\n<< {"id":1,"result":null}\n>> {"id":2}\n<< {"id":2,"result":1}\n';
  const test = parseIoCase("eth_x/a-case", text);
  assertEquals([test.method, test.shapeOnly], ["eth_x", true]);
  assertEquals(test.exchanges, [
    { request: '{"id":1}', expected: { id: 1, result: null } },
    { request: '{"id":2}', expected: { id: 2, result: 1 } },
  ]);
});
