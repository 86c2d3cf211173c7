import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { IdOracle } from "./id_oracle.ts";
import { ToyConnection } from "./toy_connection.ts";

const ROUNDS = 4_000;
const SEEDS = [1, 2, 3, 4, 5];
const MAX_BATCH_ITEMS = 6;

const IDS = [
  "1",
  "0",
  "-0",
  "1.50",
  "1e3",
  "9007199254740993",
  '""',
  '"a"',
  '"\\u0061\\"}"',
  '"id"',
  "null",
  "true",
  "[]",
  "{}",
];

const REQUESTS = [
  '"method":"test_noArgsRets"',
  '"method":"test_echo","params":["x",3]',
  '"method":"test_echo","params":[{"id":5.0},3]',
  '"method":"test_echoAny","params":[{"id":1.0,"b":["id",{"id":"x"}]}]',
  '"method":"test_later","params":[9007199254740993]',
  '"method":"test_panic"',
  '"method":"test_panicLater"',
  '"method":"test_marshalError"',
  '"method":"unknown_method"',
  '"method":"nftest_subscribe","params":["someSubscription",3,1]',
  '"method":"nftest_subscribe","params":["laterSubscription",2]',
  '"method":"nftest_subscribe","params":["crashed"]',
  '"method":"nftest_unsubscribe","params":["0x1"]',
  '"method":"test_block_subscription"',
  '"result":1',
  '"error":{"code":1}',
  '"params":{}',
];

const NOISE = [...'{}[]:,"\\e.-0 \n', '"id":', '"method":"', "null", "\u0000", "\ud800", "é"];

function randomMessage(random: Random): string {
  const members = [
    `"jsonrpc":${random.pick(['"2.0"', '"2.0"', '"2.0"', '"2.0"', "2", "null"])}`,
    random.pick(REQUESTS),
  ];
  if (random.below(5) > 0) members.push(`"id":${random.pick(IDS)}`);
  if (random.below(10) === 0) members.push(`"id":${random.pick(IDS)}`);
  if (random.below(2) === 0) members.reverse();
  return `{${members.join(",")}}`;
}

function randomText(random: Random): string {
  const items = Array.from({ length: random.below(MAX_BATCH_ITEMS + 2) }, () => randomMessage(random));
  let text = random.below(3) === 0 ? `[${items.join(",")}]` : randomMessage(random);
  for (let edits = random.below(4); edits > 1; edits -= 1) {
    const at = random.below(text.length + 1);
    text = text.slice(0, at) + random.pick(NOISE) + text.slice(at + random.below(3));
  }
  return text;
}

/** The ids that must be answered: one, several in one frame, or none; by the words of the specification. */
function expected(text: string): string[] {
  let oracle: IdOracle;
  try {
    oracle = new IdOracle(text);
  } catch {
    return ["null"];
  }
  const { value } = oracle;
  if (!Array.isArray(value)) return answeredAs(value, oracle);
  if (value.length === 0) return ["null"];
  if (value.length <= MAX_BATCH_ITEMS) return value.flatMap((item) => answeredAs(item, oracle));
  const call = value.find((item) => isRequest(item) && oracle.idOf(item) !== undefined);
  return [oracle.idOf(call) ?? "null"];
}

function answeredAs(value: unknown, oracle: IdOracle): string[] {
  const id = oracle.idOf(value);
  if (isRequest(value) && !Object.hasOwn(value, "id")) return [];
  if (!isRequest(value) && isResponse(value) && id !== undefined) return [];
  return [id ?? "null"];
}

function isRequest(value: unknown): value is object {
  return isRecord(value) && value["jsonrpc"] === "2.0" && typeof value["method"] === "string" && value["method"] !== "";
}

function isResponse(value: unknown): boolean {
  if (!isRecord(value) || value["jsonrpc"] !== "2.0" || Object.hasOwn(value, "params")) return false;
  return Object.hasOwn(value, "result") || (Object.hasOwn(value, "error") && value["error"] !== null);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function answeredIn(frame: string): string[] {
  const oracle = new IdOracle(frame);
  const answers = Array.isArray(oracle.value) ? oracle.value : [oracle.value];
  return answers.flatMap((answer) => {
    if (!Object.hasOwn(answer, "result") && !Object.hasOwn(answer, "error")) return [];
    return [oracle.idOf(answer) ?? "missing"];
  });
}

for (const seed of SEEDS) {
  Deno.test(`Dispatcher answers every random message once, under its own id (seed ${seed})`, async () => {
    const random = new Random(seed);
    const kinds = new Set<number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const text = randomText(random);
      const connection = new ToyConnection({ limits: { batchItems: MAX_BATCH_ITEMS } });
      connection.say(text);
      await connection.handler.drain();
      connection.disconnect();
      const ids = connection.take().flatMap(answeredIn);
      assertEquals(ids, expected(text), `seed ${seed}, round ${round}: ${text}`);
      kinds.add(ids.length);
    }
    assertEquals(kinds.size > 3, true);
  });
}
