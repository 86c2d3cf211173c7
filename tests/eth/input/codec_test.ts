import { assertEquals, assertThrows } from "@std/assert";
import { bool, list, map, text } from "../../../src/eth/input/codec.ts";
import { address } from "../../../src/eth/input/scalar.ts";
import { struct } from "../../../src/eth/input/struct.ts";
import { type Schema, ValueError } from "../../../src/rpc/schema.ts";

function refusal(schema: Schema<unknown>, value: unknown): string {
  return assertThrows(() => schema.read(value), ValueError).message;
}

const inner = struct({ flag: bool }, { type: "pkg.Inner" });
const outer = struct({ name: text, inner, list: list(inner, "[]pkg.Inner") }, {
  type: "pkg.Outer",
  goNames: { name: "Name" },
});

Deno.test("Null is the zero value of everything that does not decode itself, as in Go", () => {
  assertEquals(bool.read(null), false);
  assertEquals(text.read(null), "");
  assertEquals(outer.read(null), {});
  assertEquals(outer.read({ list: [null], inner: null }), { list: [{}] });
  assertEquals(list(text, "[]string").read(null), []);
  assertEquals(list(text, "[]string").read([null]), [""]);
  assertEquals(map(address, { value: inner, goType: "map[common.Address]pkg.Inner" }).read(null), {});
  assertEquals(refusal(address, null), "json: cannot unmarshal non-string into Go value of type common.Address");
});

Deno.test("A member's name is matched exactly or else in any case, and the last one counts", () => {
  assertEquals(outer.read(JSON.parse('{"NAME":"a"}')), { name: "a" });
  assertEquals(outer.read(JSON.parse('{"NAME":"a","name":"b"}')), { name: "b" });
  assertEquals(outer.read(JSON.parse('{"name":"b","Name":"a","other":1}')), { name: "a" });
  assertEquals(outer.read(JSON.parse('{"name":"b","Name":null}')), {});
});

Deno.test("A mismatch names the struct and the field as Go does, in Go's spelling", () => {
  assertEquals(refusal(outer, 1), "json: cannot unmarshal number into Go value of type pkg.Outer");
  assertEquals(refusal(outer, []), "json: cannot unmarshal array into Go value of type pkg.Outer");
  assertEquals(
    refusal(outer, { name: 1 }),
    "json: cannot unmarshal number into Go struct field Outer.Name of type string",
  );
  assertEquals(
    refusal(outer, { inner: { flag: 1 } }),
    "json: cannot unmarshal number into Go struct field Inner.inner.flag of type bool",
  );
  assertEquals(
    refusal(outer, { list: [{ flag: true }, { flag: "x" }] }),
    "json: cannot unmarshal string into Go struct field Inner.list.flag of type bool",
  );
});
