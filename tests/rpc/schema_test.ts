import { assertEquals, assertThrows } from "@std/assert";
import {
  anything,
  array,
  boolean,
  integer,
  number,
  type Schema,
  string,
  TypeMismatch,
  ValueError,
} from "../../src/rpc/schema.ts";

function refusal(schema: Schema<unknown>, value: unknown): string {
  return assertThrows(() => schema.read(value), ValueError).message;
}

Deno.test("String schema reads strings and names what it found in Go's words", () => {
  assertEquals(string.read("x"), "x");
  const found = [5, 5n, true, null, [], {}].map((value) => refusal(string, value));
  assertEquals(found, [
    "json: cannot unmarshal number into Go value of type string",
    "json: cannot unmarshal number into Go value of type string",
    "json: cannot unmarshal bool into Go value of type string",
    "json: cannot unmarshal null into Go value of type string",
    "json: cannot unmarshal array into Go value of type string",
    "json: cannot unmarshal object into Go value of type string",
  ]);
});

Deno.test("Boolean schema reads true and false, and nothing that is only like them", () => {
  assertEquals([boolean.read(true), boolean.read(false)], [true, false]);
  assertEquals(refusal(boolean, "true"), "json: cannot unmarshal string into Go value of type bool");
  assertEquals(refusal(boolean, 1), "json: cannot unmarshal number into Go value of type bool");
});

Deno.test("Integer schema reads whole numbers that a double holds exactly, within its bounds", () => {
  assertEquals(integer().read(-7), -7);
  assertEquals(integer().read(Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  for (const value of [1.5, 2 ** 53, Infinity, 9007199254740993n]) {
    assertEquals(refusal(integer(), value), `json: cannot unmarshal number ${value} into Go value of type int`);
  }
  const port = integer({ minimum: 0, maximum: 65535 });
  assertEquals([port.read(0), port.read(65535)], [0, 65535]);
  assertEquals(refusal(port, -1), "json: cannot unmarshal number -1 into Go value of type int");
  assertEquals(refusal(port, 65536), "json: cannot unmarshal number 65536 into Go value of type int");
  assertEquals(refusal(port, "1"), "json: cannot unmarshal string into Go value of type int");
  assertEquals(port.json, { type: "integer", minimum: 0, maximum: 65535 });
});

Deno.test("Number schema reads any number", () => {
  assertEquals([number.read(1.5), number.read(2n ** 64n)], [1.5, 2 ** 64]);
  assertEquals(refusal(number, "1"), "json: cannot unmarshal string into Go value of type float64");
});

Deno.test("Array schema reads each item and bounds their number", () => {
  const names = array(string, { minimum: 1, maximum: 2 });
  assertEquals(names.read(["a", "b"]), ["a", "b"]);
  assertEquals(refusal(names, "a"), "json: cannot unmarshal string into Go value of type []interface {}");
  assertEquals(refusal(names, ["a", 1]), "json: cannot unmarshal number into Go value of type string");
  assertEquals(refusal(names, []), "too few items, want at least 1");
  assertEquals(refusal(names, ["a", "b", "c"]), "too many items, want at most 2");
  assertEquals(refusal(array(string, { maximum: 0, lengthError: "exceed max topics" }), ["a"]), "exceed max topics");
  assertEquals(names.json, { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 });
});

Deno.test("Array schema refuses a list that is too long before it reads an item", () => {
  const never: Schema<never> = {
    read() {
      throw new Error("read an item");
    },
    json: {},
  };
  assertEquals(refusal(array(never, { maximum: 1 }), [1, 2]), "too many items, want at most 1");
});

Deno.test("Anything passes the schema that takes anything", () => {
  const value = { a: [1n] };
  assertEquals(anything.read(value) === value, true);
});

Deno.test("Type mismatch names the struct field when it has one", () => {
  assertEquals(
    new TypeMismatch("hex string of odd length", "hexutil.Bytes", "TransactionArgs.data")
      .message,
    "json: cannot unmarshal hex string of odd length into Go struct field TransactionArgs.data of type hexutil.Bytes",
  );
});
