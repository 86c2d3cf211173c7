import { assertEquals, assertThrows } from "@std/assert";
import { itemsOf, MalformedJson, membersOf } from "../../src/upstream/json_spans.ts";
import { Random } from "../support/random.ts";

Deno.test("membersOf and itemsOf cut at the outermost commas and keep the text", () => {
  assertEquals([...membersOf(' {"a" : 12345678901234567890, "b":{"c":[1,"}"]}, "\\u0063":"\\"," } ')], [
    ["a", "12345678901234567890"],
    ["b", '{"c":[1,"}"]}'],
    ["c", '"\\","'],
  ]);
  assertEquals(itemsOf('[1, [2,3] ,{"x":","}]'), ["1", "[2,3]", '{"x":","}']);
  assertEquals([itemsOf("[]"), [...membersOf("{ }")]], [[], []]);
});

Deno.test("membersOf and itemsOf refuse text whose structure is broken", () => {
  for (const text of ["", "[", "]", "[1,]", "[1}", '["a]', "[1]]", "[[1]", "{}"]) {
    assertThrows(() => itemsOf(text), MalformedJson);
  }
  for (const text of ["[]", '{"a"}', '{"a":1', "{a:1}", '{"a":1,}', '{"a" 1:2}']) {
    assertThrows(() => membersOf(text), MalformedJson);
  }
});

Deno.test("membersOf joins up to any object that JSON.stringify writes", () => {
  const random = new Random(7);
  function value(depth: number): unknown {
    const choice = random.below(depth > 3 ? 3 : 5);
    if (choice === 0) return random.below(1e6);
    if (choice === 1) return '\\"{}[],:'.repeat(random.below(3)) + "ä\u2028";
    if (choice === 2) return random.pick([true, false, null]);
    const items = Array.from({ length: random.below(4) }, () => value(depth + 1));
    return choice === 3 ? items : Object.fromEntries(items.map((item, index) => [`k${index}"`, item]));
  }
  for (let i = 0; i < 500; i++) {
    const whole = { a: value(0), b: value(0) };
    const parts = [...membersOf(JSON.stringify(whole))].map(([name, text]) => [name, JSON.parse(text)]);
    assertEquals(Object.fromEntries(parts), whole);
  }
});
