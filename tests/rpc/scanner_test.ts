import { assertEquals } from "@std/assert";
import { scan } from "../../src/rpc/scanner.ts";

/** A small generator, so that a failure can be repeated (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/** The slow way to the same answer: V8's own parser tells the source of each scalar. */
function idByParser(text: string): string | undefined {
  let found: string | undefined;
  const ids = new Map<unknown, string | undefined>();
  const reviver: SourceReviver = function (key, value, { source }) {
    if (key === "id") ids.set(this, source);
    if (key === "") found = ids.get(value);
    return value;
  };
  JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
  return found;
}

Deno.test("Scanner finds the id that the parser finds, in random messages", () => {
  const random = seededRandom(20_261_122);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
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
  const space = () => pick(["", "", "", " ", "\n\t", "\r\n "]);
  function value(depth: number): string {
    const shape = depth > 3 ? 0 : random();
    if (shape < 0.6) return pick(scalars);
    const items = Array.from({ length: Math.floor(random() * 4) }, () => value(depth + 1));
    if (shape < 0.8) return `[${items.map((item) => `${space()}${item}${space()}`).join(",")}]`;
    return message(depth + 1);
  }
  function message(depth: number): string {
    const members = Array.from(
      { length: Math.floor(random() * 5) },
      () => `${space()}${pick(keys)}${space()}:${space()}${value(depth)}${space()}`,
    );
    return `{${members.join(",")}}`;
  }
  let withId = 0;
  for (let round = 0; round < 5_000; round += 1) {
    const text = message(0);
    const expected = idByParser(text);
    if (expected === undefined) continue;
    withId += 1;
    assertEquals(scan(text).ids[0], expected, text);
    assertEquals(scan(`${space()}[1,${text},[{"id":7}],${text}]`).ids[3], expected, text);
  }
  assertEquals(withId > 1_000, true);
});

Deno.test("Scanner ends on any text", () => {
  const random = seededRandom(7);
  const alphabet = '{}[]:,"\\id01 eE.-\n';
  for (let round = 0; round < 20_000; round += 1) {
    let text = "";
    const length = Math.floor(random() * 30);
    while (text.length < length) text += alphabet[Math.floor(random() * alphabet.length)];
    scan(text);
  }
});

Deno.test("Scanner notices numbers that are too long for a double", () => {
  assertEquals(scan('{"a":123456789012345}').longNumbers, false);
  assertEquals(scan('{"a":1234567890123456}').longNumbers, true);
  assertEquals(scan('{"a":"1234567890123456"}').longNumbers, false);
});
