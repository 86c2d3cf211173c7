import { assertEquals, assertRejects } from "@std/assert";
import { parseExactly } from "../../src/rpc/exact_json.ts";
import { parseLargeJson } from "../../src/rpc/large_json.ts";
import { Random } from "../support/random.ts";

const encoder = new TextEncoder();

async function read(text: string, pieceBytes: number): Promise<unknown> {
  return await parseLargeJson(encoder.encode(text), { pieceBytes, breathe: () => Promise.resolve() });
}

function randomValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 4 ? 5 : 7);
  switch (kind) {
    case 0:
      return random.below(1_000_000) / 8;
    case 1:
      return random.pick([null, true, false, 9007199254740993n, -0.5, 12345678901234567890n]);
    case 2:
    case 3:
      return random.pick(["", "a,b", '"quoted"', "\\", "é€😀", "]}[{", "x".repeat(random.below(200))]);
    case 4:
      return {};
    case 5:
      return Array.from({ length: random.below(8) }, () => randomValue(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(8) }, (_, index) => [
          random.pick(["a", "b,", '"', "é", "__proto__", "\\u"]) + (random.chance(0.5) ? index : ""),
          randomValue(random, depth + 1),
        ]),
      );
  }
}

function textOf(value: unknown, space: string): string {
  const raw = JSON as unknown as { rawJSON(text: string): unknown };
  return JSON.stringify(value, (_, item) => typeof item === "bigint" ? raw.rawJSON(`${item}`) : item, space);
}

Deno.test("Large JSON is read as JSON.parse reads it, whatever the size of its pieces", async () => {
  const random = new Random(11);
  for (let round = 0; round < 2000; round++) {
    const text = textOf(randomValue(random, 0), random.pick(["", " ", "\n"]));
    assertEquals(await read(text, 1 + random.below(100)), parseExactly(text), text);
  }
});

Deno.test("Large JSON that is damaged is refused where JSON.parse refuses it", async () => {
  const random = new Random(12);
  for (let round = 0; round < 4000; round++) {
    const text = textOf(randomValue(random, 0), "");
    const at = random.below(text.length + 1);
    const damaged = (text.slice(0, at) + random.pick([",", "]", "}", '"', "[", "{", ":", "x", ""]) +
      text.slice(at + random.below(3))).toWellFormed();
    let expected: unknown;
    try {
      expected = { value: parseExactly(damaged) };
    } catch {
      expected = undefined;
    }
    const pieceBytes = 1 + random.below(20);
    if (expected === undefined) await assertRejects(() => read(damaged, pieceBytes), SyntaxError);
    else assertEquals({ value: await read(damaged, pieceBytes) }, expected, damaged);
  }
});

Deno.test("Large JSON lets other work in after each piece", async () => {
  const accounts = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`0x${index}`, "ab".repeat(500)]));
  let breaths = 0;
  const bytes = encoder.encode(
    JSON.stringify({ accounts, blocks: Array.from({ length: 1000 }, () => accounts["0x1"]) }),
  );
  await parseLargeJson(bytes, {
    pieceBytes: 10_000,
    breathe: () => {
      breaths += 1;
      return Promise.resolve();
    },
  });
  assertEquals(breaths > bytes.length / 20_000, true);
});
