import { assertEquals } from "@std/assert";
import { answerText, encode, type Message, parseMessage, success } from "../../src/rpc/message.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { MESSAGE_LIMITS } from "../../src/rpc/text_limits.ts";

const UNLIMITED = { maxBatchItems: 0 };

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
  for (
    const text of [
      "",
      " ",
      "{",
      "[",
      "'f",
      "[1,]",
      "{}{}",
      "{} x",
      "\ufeff{}",
      '{"id":1',
      "[".repeat(MESSAGE_LIMITS.depth),
    ]
  ) {
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
  assertEquals(parse(nested(MESSAGE_LIMITS.depth)).kind, "batch");
  assertEquals(
    reason(nested(MESSAGE_LIMITS.depth + 1)),
    "-32700 parse error: message is nested deeper than 10000 levels",
  );
  const deepParams = (depth: number) => `{"jsonrpc":"2.0","id":1,"method":"a","params":${nested(depth - 1)}}`;
  assertEquals(parse(deepParams(MESSAGE_LIMITS.depth)).kind, "call");
  assertEquals(
    reason(deepParams(MESSAGE_LIMITS.depth + 1)),
    "-32700 parse error: message is nested deeper than 10000 levels",
  );
});

Deno.test("Message with long numbers may be as deep as any other", () => {
  const text = `{"jsonrpc":"2.0","id":1,"method":"a","params":${"[".repeat(9_000)}9007199254740993${
    "]".repeat(9_000)
  }}`;
  assertEquals(parse(text).kind, "call");
});

/** A message as large as a transport lets in: linear work takes a moment, and quadratic work hours. */
const SIZE = 32 * 1024 * 1024;

function paramsOf(json: string): string {
  return `{"jsonrpc":"2.0","id":7,"method":"a_b","params":[${json}]}`;
}

Deno.test("Message of 32 MiB may be one string", () => {
  const message = parse(paramsOf(`"${"a".repeat(SIZE)}"`));
  assertEquals(message.kind === "call" && (message.params as string[])[0]?.length, SIZE);
});

Deno.test("Message of 32 MiB ends in an error when it is not JSON", () => {
  assertEquals(reason("[".repeat(SIZE)), "-32700 parse error: message is nested deeper than 10000 levels");
  assertEquals(reason('{"a":'.repeat(SIZE / 5)), "-32700 parse error: message is nested deeper than 10000 levels");
  assertEquals(reason(`"${"a".repeat(SIZE)}`), "-32700 parse error: message is not valid JSON");
});

Deno.test("Message that holds too much of something is refused before it is parsed, with the limit", () => {
  const { values, members, escapes, longIntegers, syntax } = MESSAGE_LIMITS;
  const cases: readonly (readonly [params: string, limit: number, counted: string])[] = [
    ["[],".repeat(SIZE / 3), values, "values"],
    ["1,".repeat(SIZE / 2), values, "values"],
    [`${"[[1]],".repeat(values / 3)}1`, values, "values"],
    ['"'.repeat(SIZE), values, "values"],
    [`{${'"a":1,'.repeat(SIZE / 6)}"a":1}`, members, "members of objects"],
    [`${'{"a":1},'.repeat(members)}{"a":1}`, members, "members of objects"],
    [`"${'\\"'.repeat(SIZE / 2)}"`, escapes, "escaped characters"],
    [`"${'\\"'.repeat(SIZE / 2)}`, escapes, "escaped characters"],
    [`"${"\\".repeat(SIZE - 1)}`, escapes, "escaped characters"],
    [`"${"\\u0041".repeat(SIZE / 6)}"`, escapes, "escaped characters"],
    ["12345678901234567,".repeat(longIntegers + 1), longIntegers, "integers above 2^53"],
    [" ".repeat(SIZE), syntax, "characters outside of strings"],
    ["1".repeat(SIZE), syntax, "characters outside of strings"],
    ["x".repeat(SIZE), syntax, "characters outside of strings"],
  ];
  for (const [params, limit, counted] of cases) {
    const message = parse(paramsOf(params));
    assertEquals(message.kind === "refused" && [message.id, message.error.code, message.error.message], [
      "7",
      -32600,
      `message has more than ${limit} ${counted}`,
    ]);
    assertEquals(message.kind === "refused" && message.error.data, { limit, value: limit + 1 });
  }
});

Deno.test("Message may hold as much as the limits say", () => {
  const { values, members, escapes, longIntegers } = MESSAGE_LIMITS;
  // Beside the parameters there are the message, its four members, and the list of parameters.
  const atLimit = [
    `${"1,".repeat(values - 6)}1`,
    `{${'"a":1,'.repeat(members - 5)}"a":1}`,
    `"${'\\"'.repeat(escapes)}"`,
    `${"12345678901234567,".repeat(longIntegers - 1)}12345678901234567`,
    " ".repeat(MESSAGE_LIMITS.syntax - 100),
  ];
  for (const params of atLimit) assertEquals(parse(paramsOf(params)).kind, "call");
});

Deno.test("Message that is refused keeps its id where that can be found", () => {
  const many = "[],".repeat(MESSAGE_LIMITS.values);
  const idOf = (text: string) => {
    const message = parse(text);
    return message.kind === "refused" ? message.id : message.kind;
  };
  assertEquals(idOf(`{"id":"a","params":[${many}1]}`), '"a"');
  assertEquals(idOf(`{"params":[${many}1],"id":5,"jsonrpc":"2.0"}`), "5");
  assertEquals(idOf(`{"params":[${many}1], "jsonrpc":"2.0", "id" : "x" }\n`), '"x"');
  assertEquals(idOf(`{"params":[${many}1],"method":"\\"id\":5}`), "null");
  assertEquals(idOf(`[{"id":1,"params":[${many}1]},{"id":5}]`), "null");
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

Deno.test("Message reads a long integer wherever a value may stand, and nowhere else", () => {
  const long = "12345678901234567";
  const params = (text: string) => {
    const message = parse(`{"jsonrpc":"2.0","method":"a","params":${text}}`);
    return message.kind === "notification" ? message.params : message.kind;
  };
  assertEquals(params(long), 12345678901234567n);
  assertEquals(params(`[[${long}],{"a":{"b":-${long}}},"${long}"]`), [
    [12345678901234567n],
    { a: { b: -12345678901234567n } },
    long,
  ]);
  assertEquals(params(`{"a":${long},"a":1}`), { a: 1 });
  assertEquals(
    params(`{"__proto__":${long}}`),
    JSON.parse('{"__proto__":0}', (_, value) => value === 0 ? 12345678901234567n : value),
  );
  assertEquals(params(`[${long}.0,${long}e0,1e-${long},1.${long}]`), [
    1.2345678901234568e16,
    1.2345678901234568e16,
    0,
    1.1234567890123457,
  ]);
  for (
    const text of [`{${long}:1}`, `0${long}`, `--${long}`, `+${long}`, `[${long}${long}x]`, `[1 ${long}]`, `.${long}`]
  ) {
    assertEquals(params(text), "malformed", text);
  }
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
