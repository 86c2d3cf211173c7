import { assertEquals } from "@std/assert";
import { scan } from "../../src/rpc/scanner.ts";
import { NO_LIMITS } from "../../src/rpc/text_limits.ts";
import { Random } from "../support/random.ts";
import { IdOracle } from "../wire/id_oracle.ts";

Deno.test("Scanner finds the id that the parser finds, in random messages", () => {
  const random = new Random(20_261_122);
  const scalars = [
    "1",
    "1.0",
    "-0",
    "1e5",
    "9007199254740993",
    '"x"',
    '"\\""',
    '"\\\\"',
    '"id"',
    '"{\\"id\\":1}"',
    "null",
  ];
  const keys = ['"id"', '"\\u0069d"', '"a"', '"\\"id"', '"id\\\\"', '"i"', '""'];
  const space = () => random.pick(["", "", "", " ", "\n\t", "\r\n "]);
  function value(depth: number): string {
    const shape = depth > 3 ? 0 : random.next();
    if (shape < 0.6) return random.pick(scalars);
    const items = Array.from({ length: random.below(4) }, () => value(depth + 1));
    if (shape < 0.8) return `[${items.map((item) => `${space()}${item}${space()}`).join(",")}]`;
    return message(depth + 1);
  }
  function message(depth: number): string {
    const members = Array.from(
      { length: random.below(5) },
      () => `${space()}${random.pick(keys)}${space()}:${space()}${value(depth)}${space()}`,
    );
    return `{${members.join(",")}}`;
  }
  let withId = 0;
  for (let round = 0; round < 5_000; round += 1) {
    const text = message(0);
    const oracle = new IdOracle(text);
    const expected = oracle.idOf(oracle.value);
    if (expected === undefined) continue;
    withId += 1;
    assertEquals(scan(text).ids[0], expected, text);
    assertEquals(scan(`${space()}[1,${text},[{"id":7}],${text}]`).ids[3], expected, text);
  }
  assertEquals(withId > 1_000, true);
});

Deno.test("Scanner ends on any text", () => {
  const random = new Random(7);
  const alphabet = '{}[]:,"\\id01 eE.-\n';
  for (let round = 0; round < 20_000; round += 1) {
    let text = "";
    const length = random.below(30);
    while (text.length < length) text += alphabet[random.below(alphabet.length)];
    scan(text);
  }
});

Deno.test("Scanner finds the integers that are too long for a double", () => {
  assertEquals(scan('{"a":123456789012345}').longIntegers, []);
  assertEquals(scan('{"a":1234567890123456}').longIntegers, [5, 21]);
  assertEquals(scan('{"a":-1234567890123456,"b":[1234567890123456]}').longIntegers, [5, 22, 28, 44]);
  assertEquals(scan('{"a":"1234567890123456"}').longIntegers, []);
});

Deno.test("Scanner stops at the first limit that a text exceeds", () => {
  const limits = { ...NO_LIMITS, depth: 2, members: 3 };
  assertEquals(scan('[{"a":1,"b":2,"c":3}]', limits).exceeded, undefined);
  assertEquals(scan('[{"a":1,"b":2,"c":3},{"d":[]}]', limits).exceeded, "members");
  assertEquals(scan('[{"a":[]},{"b":2,"c":3,"d":4}]', limits).exceeded, "depth");
  const names = { ...NO_LIMITS, names: 12 };
  assertEquals(scan('[{"abcd":"a value is no name","abc":2}]', names).exceeded, undefined);
  assertEquals(scan('[{"abcd":"a value is no name","abcde":2}]', names).exceeded, "names");
});
