import { assertEquals, assertThrows } from "@std/assert";
import { array, boolean, integer, type Read, type Schema, string, ValueError } from "../../src/rpc/schema.ts";
import { described, literal, mapped, maybe, nullable, object, oneOf, record } from "../../src/rpc/schema_object.ts";

function refusal(schema: Schema<unknown>, value: unknown): string {
  return assertThrows(() => schema.read(value), ValueError).message;
}

const inner = object({ flag: boolean });
const outer = object({ name: string, inner: maybe(inner), list: maybe(array(inner)) });

Deno.test("Object schema reads its fields and drops every other member", () => {
  const value: Read<typeof outer> = outer.read(
    JSON.parse('{"name":"x","inner":{"flag":true,"other":1},"__proto__":{}}'),
  );
  assertEquals(value, { name: "x", inner: { flag: true } });
});

Deno.test("Object schema leaves out an optional field that is absent or null", () => {
  assertEquals(Object.keys(outer.read({ name: "x", inner: null })), ["name"]);
});

Deno.test("Object schema reads own members only", () => {
  assertEquals(refusal(object({ constructor: string }), {}), "missing required field 'constructor'");
});

Deno.test("Object schema refuses what is no object, and lets the error of a member pass", () => {
  const wanted = "into Go value of type map[string]interface {}";
  assertEquals(refusal(outer, 1), `json: cannot unmarshal number ${wanted}`);
  assertEquals(refusal(outer, []), `json: cannot unmarshal array ${wanted}`);
  assertEquals(refusal(outer, {}), "missing required field 'name'");
  assertEquals(refusal(outer, { name: 1 }), "json: cannot unmarshal number into Go value of type string");
});

Deno.test("Object schema refuses members that it does not know only when it is closed", () => {
  const closed = object({ a: maybe(string) }, { closed: true });
  assertEquals(closed.read({ a: "x" }), { a: "x" });
  assertEquals(refusal(closed, { b: 1 }), 'json: unknown field "b"');
  assertEquals(closed.json, { type: "object", properties: { a: { type: "string" } }, additionalProperties: false });
});

Deno.test("Object schema describes its fields and which of them are required", () => {
  assertEquals(inner.json, { type: "object", properties: { flag: { type: "boolean" } }, required: ["flag"] });
});

Deno.test("Record schema reads each key and each value", () => {
  const counts = record(literal(["a", "__proto__"]), { value: integer() });
  const value = counts.read(JSON.parse('{"a":1,"__proto__":2}'));
  assertEquals(Object.entries(value), [["a", 1], ["__proto__", 2]]);
  assertEquals(refusal(counts, { b: 1 }), "want one of a, __proto__");
  assertEquals(refusal(counts, { a: "1" }), "json: cannot unmarshal string into Go value of type int");
  assertEquals(refusal(counts, []), "json: cannot unmarshal array into Go value of type map[string]interface {}");
});

Deno.test("Nullable schema reads null, and nothing else more than before", () => {
  assertEquals([nullable(string).read(null), nullable(string).read("x")], [null, "x"]);
  assertEquals(refusal(nullable(string), undefined), "json: cannot unmarshal null into Go value of type string");
});

Deno.test("Choice of schemas reads by the first that accepts", () => {
  const either = oneOf([mapped(string, (text) => text.length), boolean]);
  assertEquals([either.read("four"), either.read(true)], [4, true]);
  assertEquals(refusal(either, 1), "json: cannot unmarshal number into Go value of type bool");
  assertEquals(refusal(oneOf([string], { message: "want a name" }), 1), "want a name");
});

Deno.test("Choice of schemas lets an error that is no refusal pass", () => {
  const broken = mapped(string, () => {
    throw new TypeError("broken");
  });
  assertThrows(() => oneOf([broken, string]).read("x"), TypeError, "broken");
});

Deno.test("Literal schema reads one of its strings", () => {
  assertEquals(literal(["a", "b"]).read("b"), "b");
  assertEquals(refusal(literal(["a", "b"]), "c"), "want one of a, b");
  assertEquals(refusal(literal(["a"], { message: "no such tag" }), "c"), "no such tag");
  assertEquals(refusal(literal(["a"]), 1), "json: cannot unmarshal number into Go value of type string");
});

Deno.test("Described schema adds keywords to what it says", () => {
  assertEquals(described(string, { title: "Name" }).json, { type: "string", title: "Name" });
});
