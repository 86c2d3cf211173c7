import { assertEquals, assertThrows } from "@std/assert";
import { decodeRlp, encodeRlp, RlpError, type RlpItem } from "../../src/primitives/rlp.ts";

// The examples of the yellow paper's appendix B, as ethereum.org's page on RLP prints them.
const VECTORS: readonly (readonly [RlpItem, string])[] = [
  ["", "80"],
  ["00", "00"],
  ["0f", "0f"],
  ["0400", "820400"],
  ["646f67", "83646f67"],
  [[], "c0"],
  [["636174", "646f67"], "c88363617483646f67"],
  [[[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"],
  ["61".repeat(56), `b838${"61".repeat(56)}`],
];

Deno.test("RLP encodes the specification's examples", () => {
  for (const [item, digits] of VECTORS) assertEquals(encodeRlp(item), digits);
});

Deno.test("RLP decodes what it encodes", () => {
  for (const [item, digits] of VECTORS) assertEquals(decodeRlp(digits), item);
});

Deno.test("RLP refuses what is not canonical", () => {
  const bad: readonly (readonly [string, string])[] = [
    ["8101", "rlp: non-canonical size information"],
    ["b80161", "rlp: non-canonical size information"],
    ["83646f", "rlp: value size exceeds available input length"],
    ["0102", "rlp: input contains more than one value"],
    ["", "unexpected EOF"],
    ["b9", "unexpected EOF"],
  ];
  for (const [digits, message] of bad) assertThrows(() => decodeRlp(digits), RlpError, message);
});

Deno.test("RLP refuses more values, and deeper lists, than anything has", () => {
  const list = (items: string) => encodeRlp(items).replace(/^b/, "f");
  assertEquals((decodeRlp(list("c0".repeat(199_999))) as RlpItem[]).length, 199_999);
  assertThrows(() => decodeRlp(list("c0".repeat(200_000))), RlpError, "rlp: more than 200000 values");
  const nested = (levels: number): string => {
    let item: RlpItem = [];
    for (let level = 1; level < levels; level++) item = [item];
    return encodeRlp(item);
  };
  assertEquals(encodeRlp(decodeRlp(nested(64))), nested(64));
  assertThrows(() => decodeRlp(nested(65)), RlpError, "rlp: lists nested deeper than 64 levels");
});
