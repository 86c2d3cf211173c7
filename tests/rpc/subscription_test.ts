import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { createDispatcher } from "../../src/rpc/dispatcher.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { DEFAULT_LIMITS, MAX_BUFFERED_UNITS } from "../../src/rpc/limits.ts";
import { type NamespaceTable, type Sink, subscription } from "../../src/rpc/method.ts";
import { createRegistry } from "../../src/rpc/registry.ts";
import { anything } from "../../src/rpc/schema.ts";
import { randomSubscriptionId } from "../../src/rpc/subscription.ts";
import { callOf, ToyConnection, until } from "../wire/toy_connection.ts";
import { toyTables } from "../wire/toy_service.ts";

const SUBSCRIBE = callOf("feed_subscribe", { params: ["live"] });
const ANSWER = '{"jsonrpc":"2.0","id":1,"result":"0x1"}';

function notification(result: string): string {
  return `{"jsonrpc":"2.0","method":"feed_subscription","params":{"subscription":"0x1","result":${result}}}`;
}

/** A connection with one kind of subscription, whose sinks and signals the test holds. */
function feed(start: (sink: Sink) => void | Promise<void> = () => {}) {
  const sinks: Sink[] = [];
  const signals: AbortSignal[] = [];
  const stopped: string[] = [];
  const table: NamespaceTable = {
    namespace: "feed",
    methods: {},
    subscriptions: {
      live: subscription({
        summary: "Fed by the test.",
        params: [],
        result: anything,
        start: (_, sink, call) => {
          sinks.push(sink);
          signals.push(call.signal);
          const stop = () => void stopped.push(sink.id);
          const started = start(sink);
          return started === undefined ? stop : started.then(() => stop);
        },
      }),
    },
  };
  const connection = new ToyConnection({ registry: createRegistry([table], { allow: ["feed"] }) });
  return { connection, sinks, signals, stopped };
}

Deno.test("Subscription ids are quantities of up to 128 random bits", () => {
  const ids = Array.from({ length: 2_000 }, randomSubscriptionId);
  for (const id of ids) assertMatch(id, /^0x[1-9a-f][0-9a-f]{0,31}$/);
  assertEquals(new Set(ids).size, ids.length);
  assert(ids.some((id) => id.length === 34));
});

Deno.test("Subscription ids are random unless a test says otherwise", () => {
  const registry = createRegistry(toyTables(), { allow: ["nftest"] });
  const ids = Array.from({ length: 2 }, () => {
    const connection = new ToyConnection();
    const log = { debug() {}, error() {} };
    const handler = createDispatcher(connection, { registry, limits: DEFAULT_LIMITS, log });
    handler.message(callOf("nftest_subscribe", { params: ["plain"] }));
    handler.closed();
    return connection.take()[0];
  });
  assertMatch(ids[0] ?? "", /"result":"0x[0-9a-f]{20,32}"/);
  assertNotEquals(ids[0], ids[1]);
});

Deno.test("Subscription sends its notifications at once when it is live", () => {
  const { connection, sinks } = feed();
  connection.say(SUBSCRIBE);
  sinks[0]?.notify(1);
  sinks[0]?.notify(new RawJson('{"a" : 1}'));
  assertEquals(connection.take(), [ANSWER, notification("1"), notification('{"a" : 1}')]);
});

Deno.test("Subscription of a batch is held until the whole batch is answered", async () => {
  const { connection, sinks } = feed();
  connection.say(`[${SUBSCRIBE},${callOf("rpc_modules", { id: 2 })}]`);
  sinks[0]?.notify("after");
  const [first, second] = connection.take();
  assert(first?.startsWith(`[${ANSWER},`));
  assertEquals(second, notification('"after"'));

  const slow = new ToyConnection();
  slow.say(
    `[${callOf("nftest_subscribe", { params: ["someSubscription", 1, 9] })},${
      callOf("test_later", { id: 2, params: [0] })
    }]`,
  );
  assertEquals(slow.take(), []);
  assertEquals(await slow.next(), '[{"jsonrpc":"2.0","id":1,"result":"0x1"},{"jsonrpc":"2.0","id":2,"result":0}]');
});

Deno.test("Subscription is silent after unsubscribe, and its feed is stopped once", () => {
  const { connection, sinks, signals, stopped } = feed();
  connection.say(SUBSCRIBE);
  connection.say(callOf("feed_unsubscribe", { params: ["0x1"] }));
  sinks[0]?.notify(1);
  connection.disconnect();
  assertEquals(connection.take(), [ANSWER, '{"jsonrpc":"2.0","id":1,"result":true}']);
  assertEquals(sinks[0]?.closed, true);
  assertEquals(signals[0]?.aborted, true);
  assertEquals(stopped, ["0x1"]);
});

Deno.test("Subscription whose feed fails to start aborts its signal and counts no more", () => {
  const { connection, signals, sinks } = feed(() => {
    throw new RpcError(-32000, "no feed");
  });
  connection.say(SUBSCRIBE);
  assertEquals(connection.take(), ['{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"no feed"}}']);
  assertEquals([signals[0]?.aborted, sinks[0]?.closed], [true, true]);
});

Deno.test("Subscription ends with its connection", () => {
  const { connection, sinks, signals, stopped } = feed();
  connection.say(SUBSCRIBE);
  assertEquals(signals[0]?.aborted, false);
  connection.disconnect();
  assertEquals([sinks[0]?.closed, signals[0]?.aborted], [true, true]);
  assertEquals(stopped, ["0x1"]);
});

Deno.test("Subscription that starts after its connection has ended is stopped at once", async () => {
  const gate = Promise.withResolvers<void>();
  const { connection, sinks, stopped } = feed(() => gate.promise);
  connection.say(SUBSCRIBE);
  connection.disconnect();
  assertEquals(stopped, []);
  gate.resolve();
  await until(() => stopped.length > 0);
  assertEquals(stopped, ["0x1"]);
  assertEquals(sinks[0]?.closed, true);
});

Deno.test("Subscription of one connection cannot be ended from another", () => {
  const { connection, stopped } = feed();
  connection.say(SUBSCRIBE);
  const other = new ToyConnection();
  other.say(callOf("feed_unsubscribe", { params: ["0x1"] }));
  assertEquals(other.take(), ['{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"subscription not found"}}']);
  assertEquals(stopped, []);
});

Deno.test("Subscription asked for by a notification runs unanswered", () => {
  const { connection, sinks } = feed();
  connection.say('{"jsonrpc":"2.0","method":"feed_subscribe","params":["live"]}');
  sinks[0]?.notify(1);
  assertEquals(connection.take(), [notification("1")]);
});

Deno.test("Subscription that cannot stop does not keep others from ending", () => {
  const ended: string[] = [];
  const connection = new ToyConnection({
    controls: {
      onStop: (id) => {
        ended.push(id);
        throw new Error("stuck");
      },
    },
  });
  connection.say(callOf("nftest_subscribe", { params: ["plain"] }));
  connection.say(callOf("nftest_subscribe", { params: ["plain"] }));
  connection.disconnect();
  assertEquals(ended, ["0x1", "0x2"]);
  assertEquals(connection.log.map((line) => line.message), [
    "Subscription failed to end",
    "Subscription failed to end",
  ]);
});

Deno.test("Subscription closes the connection rather than hold notifications without bound", () => {
  const text = "x".repeat(1024 * 1024);
  let sent = 0;
  const { connection, sinks } = feed((sink) => {
    for (; sent < 100 && !sink.closed; sent += 1) sink.notify(text);
    return Promise.resolve();
  });
  connection.say(SUBSCRIBE);
  assertEquals(sinks[0]?.closed, true);
  assertEquals(sent, MAX_BUFFERED_UNITS / text.length);
  assertEquals(connection.closes.map(({ code }) => code), [4008]);
  assertMatch(connection.closes[0]?.reason ?? "", /^slow consumer: \d+ bytes queued before the answer$/);
});

Deno.test("Subscription closes the connection rather than leave out a notification", () => {
  const { connection, sinks } = feed();
  connection.say(SUBSCRIBE);
  sinks[0]?.notify({
    toJSON() {
      throw new Error("broken");
    },
  });
  assertEquals(connection.closes, [{ code: 1011, reason: "a notification could not be encoded" }]);
  assertEquals(connection.log.map((line) => line.message), ["Notification cannot be encoded"]);
});

Deno.test("Sink is ready when the answer has left and the queue has room", async () => {
  const room = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { connection, sinks } = feed(() => gate.promise);
  connection.drain = room.promise;
  connection.say(SUBSCRIBE);
  let isReady = false;
  const ready = sinks[0]?.ready().then(() => isReady = true);
  gate.resolve();
  assertEquals(await connection.next(), ANSWER);
  assertEquals(isReady, false);
  room.resolve();
  await ready;
});

Deno.test("Sink is ready when it is closed, whatever it waited for", async () => {
  const { connection, sinks } = feed();
  connection.drain = new Promise(() => {});
  connection.say(SUBSCRIBE);
  const waiting = sinks[0]?.ready();
  connection.say(callOf("feed_unsubscribe", { params: ["0x1"] }));
  await waiting;
  await sinks[0]?.ready();
});
