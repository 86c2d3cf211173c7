import { assertEquals, assertLess } from "@std/assert";
import { answerText, encode, type Message, parseMessage, success } from "../../src/rpc/message.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { MAX_DEPTH } from "../../src/rpc/scanner.ts";

const UNLIMITED = { maxBatchItems: 0 };

/** Linear work takes one second on an idle core, and quadratic work hours. */
const LINEAR_MS = 20_000;

function parse(data: string | Uint8Array): Message {
  return parseMessage(data, UNLIMITED);
}

function reason(data: string | Uint8Array): string {
  const message = parse(data);
  return message.kind === "malformed" ? `${message.error.code} ${message.error.message}` : message.kind;
}

Deno.test("Message tells calls, notifications and responses apart", () => {
  assertEquals(parse('{"jsonrpc":"2.0","id":1.0,"method":"a_b","params":[1]}'), {
    kind: "call",
    id: "1.0",
    method: "a_b",
    params: [1],
  });
  assertEquals(parse('{"jsonrpc":"2.0","method":"a_b"}'), { kind: "notification", method: "a_b", params: undefined });
  assertEquals(parse('{"jsonrpc":"2.0","id":1,"result":null}'), {
    kind: "response",
    id: "1",
    result: null,
    error: undefined,
  });
  assertEquals(parse('{"jsonrpc":"2.0","id":1,"error":{"code":1}}').kind, "response");
  assertEquals(parse('{"jsonrpc":"2.0","id":1,"error":null}'), { kind: "invalid", id: "1" });
  assertEquals(parse('{"jsonrpc":"2.0","id":1,"result":1,"params":[]}'), { kind: "invalid", id: "1" });
});

Deno.test("Message is read from bytes as from text", () => {
  const text = '{"jsonrpc":"2.0","id":"ä🚪","method":"a_b","params":["ß"]}';
  assertEquals(parse(new TextEncoder().encode(text)), parse(text));
});

Deno.test("Message that is not JSON is malformed", () => {
  const expected = "-32700 parse error: message is not valid JSON";
  for (const text of ["", " ", "{", "[", "'f", "[1,]", "{}{}", "{} x", "\ufeff{}", '{"id":1', "[".repeat(MAX_DEPTH)]) {
    assertEquals(reason(text), expected, JSON.stringify(text));
  }
});

Deno.test("Message that is not UTF-8 is malformed", () => {
  assertEquals(reason(Uint8Array.of(0x22, 0xff, 0x22)), "-32700 parse error: message is not valid UTF-8");
  assertEquals(reason(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), "-32700 parse error: message is not valid UTF-8");
  assertEquals(reason(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)), "-32700 parse error: message is not valid JSON");
});

Deno.test("Message is nested at most 10000 levels deep", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  assertEquals(parse(nested(MAX_DEPTH)).kind, "batch");
  assertEquals(reason(nested(MAX_DEPTH + 1)), "-32700 parse error: message is nested deeper than 10000 levels");
  const deepParams = (depth: number) => `{"jsonrpc":"2.0","id":1,"method":"a","params":${nested(depth - 1)}}`;
  assertEquals(parse(deepParams(MAX_DEPTH)).kind, "call");
  assertEquals(reason(deepParams(MAX_DEPTH + 1)), "-32700 parse error: message is nested deeper than 10000 levels");
});

Deno.test("Message with long numbers may be as deep as any other", () => {
  const text = `{"jsonrpc":"2.0","id":1,"method":"a","params":${"[".repeat(9_000)}9007199254740993${
    "]".repeat(9_000)
  }}`;
  assertEquals(parse(text).kind, "call");
});

Deno.test("Message of 32 MiB is read in linear time", () => {
  const size = 32 * 1024 * 1024;
  const started = performance.now();
  assertEquals(reason("[".repeat(size)), "-32700 parse error: message is nested deeper than 10000 levels");
  assertEquals(reason('{"a":'.repeat(size / 5)), "-32700 parse error: message is nested deeper than 10000 levels");
  assertEquals(reason(`"${"\\".repeat(size - 1)}`), "-32700 parse error: message is not valid JSON");
  assertEquals(reason(`"${'\\"'.repeat(size / 2)}`), "-32700 parse error: message is not valid JSON");
  assertEquals(reason(`{"id":${"1".repeat(size)}}`), "invalid");
  assertLess(performance.now() - started, LINEAR_MS);
});

Deno.test("Message reads integers that a double would round as bigint, and only those", () => {
  const text = '{"jsonrpc":"2.0","method":"a","params":[9007199254740991,9007199254740992,-1000000000000000000000,' +
    '0.10000000000000000001,1e21,"12345678901234567890"]}';
  assertEquals(parse(text), {
    kind: "notification",
    method: "a",
    params: [9007199254740991, 9007199254740992n, -1000000000000000000000n, 0.1, 1e21, "12345678901234567890"],
  });
});

Deno.test("Message leaves integers of thousands of digits to the parser", () => {
  const message = parse(`{"jsonrpc":"2.0","method":"a","params":[${"9".repeat(10_000)}]}`);
  assertEquals(message, { kind: "notification", method: "a", params: [Infinity] });
});

Deno.test("Message keeps no record of the items of a batch that is too large", () => {
  const items = '1,{"id":2},{"jsonrpc":"2.0","id":3.0,"method":"a"},4';
  assertEquals(parseMessage(`[${items}]`, { maxBatchItems: 3 }), { kind: "oversized", id: "3.0" });
  assertEquals(parseMessage("[1,2,3,4]", { maxBatchItems: 3 }), { kind: "oversized", id: "null" });
  assertEquals(parseMessage(`[${items}]`, { maxBatchItems: 4 }).kind, "batch");
});

Deno.test("Answer has geth's order of keys", () => {
  assertEquals(answerText("7.0", success("0x1")), '{"jsonrpc":"2.0","id":7.0,"result":"0x1"}');
  assertEquals(answerText("7", { ok: false, json: "{}" }), '{"jsonrpc":"2.0","id":7,"error":{}}');
});

Deno.test("Encoder writes encoded JSON as it is, and integers of any size", () => {
  assertEquals(encode(new RawJson('{"a" : 1.0}')), '{"a" : 1.0}');
  assertEquals(encode(undefined), "null");
  assertEquals(encode(() => {}), "null");
  assertEquals(encode(2n ** 70n), "1180591620717411303424");
  assertEquals(encode({ a: [2n ** 70n, "x"] }), '{"a":[1180591620717411303424,"x"]}');
});
