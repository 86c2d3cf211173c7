import { assert, assertEquals } from "@std/assert";
import { type CallRecord, observed } from "../../src/rpc/call_record.ts";
import type { CallContext } from "../../src/rpc/method.ts";
import { callOf, ToyConnection, until } from "../wire/toy_connection.ts";

const NOTHING = callOf("test_noArgsRets");
const NOTHING_ANSWER = '{"jsonrpc":"2.0","id":1,"result":null}';

/** A connection whose `test_block` calls wait until the test lets them go. */
function blocking(limits: { inflightCalls?: number } = {}) {
  const calls: { context: CallContext; done: PromiseWithResolvers<unknown> }[] = [];
  const connection = new ToyConnection({
    limits,
    controls: {
      onBlock: (context) => {
        const done = Promise.withResolvers<unknown>();
        calls.push({ context, done });
        return done.promise;
      },
    },
  });
  return { connection, calls };
}

Deno.test("Dispatcher answers a synchronous handler before the message returns", () => {
  const connection = new ToyConnection();
  connection.say(NOTHING);
  connection.say(`[${NOTHING}]`);
  connection.say(callOf("nftest_subscribe", { params: ["someSubscription", 1, 1] }));
  assertEquals(connection.take(), [
    NOTHING_ANSWER,
    `[${NOTHING_ANSWER}]`,
    '{"jsonrpc":"2.0","id":1,"result":"0x1"}',
    '{"jsonrpc":"2.0","method":"nftest_subscription","params":{"subscription":"0x1","result":1}}',
  ]);
  connection.disconnect();
});

Deno.test("Dispatcher runs single calls concurrently and answers in order of completion", async () => {
  const { connection, calls } = blocking();
  connection.say(callOf("test_block", { id: 1 }));
  connection.say(callOf("test_block", { id: 2 }));
  assertEquals(await connection.ask(callOf("test_noArgsRets", { id: 3 })), '{"jsonrpc":"2.0","id":3,"result":null}');
  calls[1]?.done.resolve("second");
  assertEquals(await connection.next(), '{"jsonrpc":"2.0","id":2,"result":"second"}');
  calls[0]?.done.resolve("first");
  assertEquals(await connection.next(), '{"jsonrpc":"2.0","id":1,"result":"first"}');
});

Deno.test("Dispatcher runs the calls of a batch one after the other, beside other messages", async () => {
  const { connection, calls } = blocking();
  connection.say(`[${callOf("test_block", { id: 1 })},${callOf("test_block", { id: 2 })}]`);
  assertEquals(calls.length, 1);
  assertEquals(await connection.ask(NOTHING), NOTHING_ANSWER);
  calls[0]?.done.resolve("a");
  await until(() => calls.length === 2);
  assertEquals(connection.take(), []);
  calls[1]?.done.resolve("b");
  assertEquals(
    await connection.next(),
    '[{"jsonrpc":"2.0","id":1,"result":"a"},{"jsonrpc":"2.0","id":2,"result":"b"}]',
  );
});

Deno.test("Dispatcher lets messages over the limit of running calls wait, and takes them up in order", async () => {
  const { connection, calls } = blocking({ inflightCalls: 2 });
  connection.say(callOf("test_block", { id: 1 }));
  connection.say(`[${callOf("test_block", { id: 2 })}]`);
  connection.say(callOf("test_block", { id: 3 }));
  connection.say(NOTHING);
  connection.say('{"jsonrpc":"2.0","method":"test_block"}');
  connection.say(callOf("test_noArgsRets", { id: 5 }));
  assertEquals([calls.length, connection.take()], [2, []]);
  calls[0]?.done.resolve(null);
  assertEquals(await connection.next(), NOTHING_ANSWER);
  assertEquals([calls.length, connection.take()], [3, []]);
  calls[2]?.done.resolve(null);
  assertEquals(await connection.next(), '{"jsonrpc":"2.0","id":3,"result":null}');
  assertEquals(await connection.next(), NOTHING_ANSWER);
  await until(() => calls.length === 4);
  calls[3]?.done.resolve(null);
  assertEquals(await connection.next(), '{"jsonrpc":"2.0","id":5,"result":null}');
  calls[1]?.done.resolve(null);
  assertEquals(await connection.next(), '[{"jsonrpc":"2.0","id":2,"result":null}]');
  connection.disconnect();
});

Deno.test("Dispatcher answers a thousand calls that are sent at once", async () => {
  const { connection, calls } = blocking();
  for (let id = 1; id <= 1000; id++) connection.say(callOf("test_block", { id }));
  assertEquals(calls.length, 200);
  const frames: string[] = [];
  await until(() => {
    for (const { done } of calls) done.resolve("done");
    return frames.push(...connection.take()) >= 1000;
  });
  assertEquals(new Set(frames.map((frame) => JSON.parse(frame).id)).size, 1000);
  assert(frames.every((frame) => frame.endsWith('"result":"done"}')));
  connection.disconnect();
});

Deno.test("Dispatcher takes the client's answer to a call of its own while messages wait", async () => {
  const connection = new ToyConnection({
    limits: { inflightCalls: 1 },
    controls: { onBlock: (context) => context.connection.call("ask", []) },
  });
  connection.say(callOf("test_block"));
  assertEquals(connection.take(), ['{"jsonrpc":"2.0","id":1,"method":"ask","params":[]}']);
  connection.say(callOf("test_noArgsRets", { id: 2 }));
  connection.say('{"jsonrpc":"2.0","id":1,"result":"here"}');
  assertEquals(await connection.next(), '{"jsonrpc":"2.0","id":1,"result":"here"}');
  assertEquals(await connection.next(), '{"jsonrpc":"2.0","id":2,"result":null}');
  connection.disconnect();
});

Deno.test("Dispatcher aborts the calls of a connection that is gone", () => {
  const { connection, calls } = blocking();
  connection.say(callOf("test_block"));
  const signal = calls[0]?.context.signal;
  assertEquals(signal?.aborted, false);
  connection.disconnect();
  assertEquals(signal?.aborted, true);
  assertEquals(signal?.reason instanceof DOMException && signal.reason.name, "AbortError");
  calls[0]?.done.resolve(null);
});

Deno.test("Dispatcher aborts a call that asks for its signal too late", () => {
  const { connection, calls } = blocking();
  connection.say(callOf("test_block"));
  connection.disconnect();
  assertEquals(calls[0]?.context.signal.aborted, true);
  calls[0]?.done.resolve(null);
});

Deno.test("Dispatcher leaves the signal of a finished call alone", async () => {
  const { connection, calls } = blocking();
  connection.say(callOf("test_block"));
  connection.say(callOf("test_block"));
  const signal = calls[0]?.context.signal;
  for (const call of calls) call.done.resolve(null);
  await until(() => connection.take().length > 0);
  const askedLate = calls[1]?.context.signal;
  connection.disconnect();
  assertEquals([signal?.aborted, askedLate?.aborted], [false, false]);
});

Deno.test("Dispatcher logs no crash of a call whose connection is gone", async () => {
  const { connection, calls } = blocking();
  connection.say(callOf("test_block"));
  connection.disconnect();
  calls[0]?.done.reject(new Error("aborted"));
  await until(() => connection.log.length > 0);
  assertEquals(connection.log.map((line) => line.level), ["debug"]);
});

Deno.test("Dispatcher does not go on with the batch of a connection that is gone", async () => {
  const { connection, calls } = blocking();
  connection.say(`[${callOf("test_block")},${callOf("test_block")}]`);
  const drained = connection.handler.drain();
  connection.disconnect();
  calls[0]?.done.resolve(null);
  await drained;
  assertEquals(calls.length, 1);
});

Deno.test("Dispatcher takes no message after the connection is gone", () => {
  let runs = 0;
  const connection = new ToyConnection({ controls: { onRun: () => runs += 1 } });
  connection.say(callOf("test_run"));
  connection.disconnect();
  connection.disconnect();
  connection.say(callOf("test_run"));
  assertEquals(runs, 1);
});

Deno.test("Dispatcher that drains answers what runs, refuses what comes, and then resolves", async () => {
  const { connection, calls } = blocking();
  connection.say(callOf("test_block"));
  let drained = false;
  const draining = connection.handler.drain().then(() => drained = true);
  assertEquals(
    await connection.ask(callOf("test_noArgsRets", { id: 2 })),
    '{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"server is shutting down"}}',
  );
  assertEquals(drained, false);
  calls[0]?.done.resolve("done");
  await draining;
  assertEquals(connection.take(), ['{"jsonrpc":"2.0","id":1,"result":"done"}']);
});

Deno.test("Dispatcher with nothing to do is drained at once", async () => {
  await new ToyConnection().handler.drain();
});

Deno.test("Dispatcher writes one log line with the cause when a handler crashes, and the client sees nothing of it", () => {
  const connection = new ToyConnection();
  connection.say(callOf("test_panic"));
  assertEquals(connection.take(), [
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"method handler crashed"}}',
  ]);
  assertEquals(connection.log.length, 1);
  const [line] = connection.log;
  assertEquals([line?.level, line?.message], ["error", "RPC method handler crashed"]);
  assertEquals(line?.fields["method"], "test_panic");
  assert(line?.fields["cause"] instanceof TypeError);
});

Deno.test("Dispatcher answers when neither a result nor an error's data can be encoded", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const connection = new ToyConnection({ controls: { onRun: () => circular } });
  connection.say(callOf("test_run"));
  connection.say(callOf("test_fail", { params: [1, "x"] }));
  assertEquals(connection.take(), [
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"method handler crashed"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}',
  ]);
});

Deno.test("Dispatcher answers names longer than 2048 bytes with how long they are", () => {
  const connection = new ToyConnection();
  connection.say(callOf("x".repeat(2048)));
  assert(connection.take()[0]?.includes("does not exist/is not available"));
  connection.say(callOf("x".repeat(2049)));
  connection.say(callOf(`${"ä".repeat(1024)}x`));
  connection.say(callOf("nftest_subscribe", { params: ["x".repeat(2049)] }));
  assertEquals(connection.take(), [
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"method name too long: 2049 > 2048"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"method name too long: 2049 > 2048"}}',
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"subscription name too long: 2049 > 2048"}}',
  ]);
});

Deno.test("Dispatcher reports each run of a handler to the observer", async () => {
  const records: CallRecord[] = [];
  const connection = new ToyConnection({ layers: [observed(() => (record) => records.push(record))] });
  connection.say(callOf("test_noArgsRets"));
  connection.say(callOf("test_panic"));
  connection.say(callOf("test_unknown"));
  connection.say(callOf("test_echo"));
  connection.say(callOf("nftest_subscribe", { params: ["plain"] }));
  connection.take();
  await connection.ask(callOf("test_panicLater"));
  await connection.ask(callOf("test_later", { params: [1] }));
  assertEquals(records.map(({ method, ok }) => [method, ok]), [
    ["test_noArgsRets", true],
    ["test_panic", false],
    ["nftest_subscribe", true],
    ["test_panicLater", false],
    ["test_later", true],
  ]);
  assert(records.every(({ milliseconds }) => milliseconds >= 0));
  connection.disconnect();
});

Deno.test("Dispatcher gives each connection an id of its own", () => {
  const ids: number[] = [];
  const onBlock = (call: CallContext) => Promise.resolve(ids.push(call.connection.id));
  for (let count = 0; count < 3; count += 1) {
    new ToyConnection({ controls: { onBlock } }).say(callOf("test_block"));
  }
  assertEquals(new Set(ids).size, 3);
});
