import { assert, assertEquals } from "@std/assert";
import { AnswerBudget } from "../../src/rpc/answers.ts";
import { MAX_WAITING_UNITS_PER_CONNECTION, OPEN_BELOW_BYTES, SMALL_ANSWER_UNITS } from "../../src/rpc/limits.ts";
import { callOf, ToyConnection, type ToyOptions, until } from "../wire/toy_connection.ts";
import { ids, sized } from "./sized_answers.ts";

const MIB = 1024 * 1024;
const NOTHING = callOf("test_noArgsRets", { id: 9 });
const NOTHING_ANSWER = '{"jsonrpc":"2.0","id":9,"result":null}';

/** A connection whose queue the test fills and drains, and whose `test_run` and `test_block` answer texts of a size. */
function steered(options: ToyOptions = {}) {
  const runs: unknown[] = [];
  const blocked: PromiseWithResolvers<unknown>[] = [];
  const budget = new AnswerBudget(256 * MIB);
  const connection = new ToyConnection({
    budget,
    ...options,
    controls: {
      onRun: (size) => {
        runs.push(size);
        return sized(Number(size));
      },
      onBlock: () => {
        const done = Promise.withResolvers<unknown>();
        blocked.push(done);
        return done.promise;
      },
    },
  });
  let drained = Promise.withResolvers<void>();
  return {
    connection,
    runs,
    blocked,
    budget,
    fill() {
      connection.queuedBytes = OPEN_BELOW_BYTES + 1;
      drained = Promise.withResolvers<void>();
      connection.drain = drained.promise;
    },
    async empty() {
      connection.queuedBytes = 0;
      drained.resolve();
      await drained.promise;
      await Promise.resolve();
    },
  };
}

function run(size: number, id: number | string = 1): string {
  return callOf("test_run", { id, params: [size] });
}

Deno.test("Dispatcher begins no call while its connection's queue is full, and goes on in order when it has drained", async () => {
  const { connection, runs, fill, empty } = steered();
  fill();
  connection.say(run(10, 1));
  connection.say(`[${run(10, 2)}]`);
  connection.say(run(10, 3));
  assertEquals([runs.length, connection.take()], [0, []]);
  await empty();
  assertEquals(runs.length, 3);
  assertEquals(connection.take().map((frame) => JSON.parse(frame)[0]?.id ?? JSON.parse(frame).id), [1, 2, 3]);
  connection.say(run(10, 4));
  assertEquals(ids(connection.take()), ["4"]);
  connection.disconnect();
});

Deno.test("Dispatcher keeps answers that come while the queue is full, and sends them in the order of completion", async () => {
  const { connection, blocked, fill, empty, budget } = steered();
  for (const id of [1, 2, 3]) connection.say(callOf("test_block", { id }));
  fill();
  for (const index of [2, 0, 1]) {
    blocked[index]?.resolve("done");
    await blocked[index]?.promise;
  }
  await until(() => budget.units > 100);
  assertEquals(connection.take(), []);
  await empty();
  assertEquals(ids(connection.take()), ["3", "1", "2"]);
  assertEquals(budget.units, 0);
  connection.disconnect();
});

Deno.test("Dispatcher sends one answer after the other when each of them fills the queue", async () => {
  const { connection, blocked, fill, empty, budget } = steered();
  for (const id of [1, 2]) connection.say(callOf("test_block", { id }));
  connection.send = ((send) => (text: string) => {
    send.call(connection, text);
    fill();
  })(connection.send);
  fill();
  for (const call of blocked) call.resolve(sized(2 * MIB));
  await until(() => budget.units > 4 * MIB);
  await empty();
  assertEquals(ids(connection.take()), ["1"]);
  assert(budget.units > 4 * MIB, "what the transport has counts until it has left");
  await empty();
  assertEquals(ids(connection.take()), ["2"]);
  await empty();
  assertEquals([connection.take(), budget.units], [[], 0]);
  connection.disconnect();
});

Deno.test("Dispatcher lets more calls wait for room than may run at a time", async () => {
  const { connection, runs, fill, empty, budget } = steered({ limits: { inflightCalls: 2 } });
  fill();
  for (let id = 1; id <= 5000; id++) connection.say(run(10, id));
  assertEquals([runs.length, connection.take()], [0, []]);
  await empty();
  const frames: string[] = [];
  await until(() => frames.push(...connection.take()) >= 5000);
  assertEquals(ids(frames), Array.from({ length: 5000 }, (_, index) => `${index + 1}`));
  assertEquals(budget.units, 0);
  connection.disconnect();
});

Deno.test("Dispatcher refuses a call for which there is no room to wait at once, and each of a batch", () => {
  const { connection, runs, fill } = steered({ budget: new AnswerBudget(1000) });
  fill();
  connection.say(run(10, 1));
  connection.say(run(10, "x".repeat(1000)));
  connection.say(`[${NOTHING},${run(10, "x".repeat(1000))},1]`);
  connection.say(NOTHING);
  const [single = "", batch = "", ...others] = connection.take();
  assertEquals(JSON.parse(single).error.data.limit, 1000);
  assertEquals(JSON.parse(batch).map(({ error }: { error: { code: number } }) => error.code), [-32005, -32005, -32600]);
  assertEquals([others, runs], [[], []]);
  connection.disconnect();
});

Deno.test("Dispatcher replaces an answer for which its connection has no room by an error with both numbers", async () => {
  const { connection, blocked, fill, empty, budget } = steered();
  for (const id of [1, 2, 3, 4]) connection.say(callOf("test_block", { id }));
  fill();
  const [first, second, third, small] = blocked;
  first?.resolve(sized(MAX_WAITING_UNITS_PER_CONNECTION - MIB));
  await until(() => budget.units > MIB);
  const kept = budget.units;
  second?.resolve(sized(2 * MIB));
  const refused = await connection.next();
  assertEquals(JSON.parse(refused).error, {
    code: -32005,
    message: "too many bytes wait on this connection: read its answers",
    data: {
      limit: MAX_WAITING_UNITS_PER_CONNECTION,
      value: kept + 2 * MIB + '{"jsonrpc":"2.0","id":2,"result":}'.length,
    },
  });
  third?.resolve(sized(MIB / 2));
  await until(() => budget.units > kept);
  small?.resolve(sized(SMALL_ANSWER_UNITS - 100));
  await until(() => budget.units > kept + MIB / 2 + 1000);
  assertEquals(connection.take(), []);
  await empty();
  await empty();
  assertEquals(ids(connection.take()), ["1", "3", "4"]);
  connection.disconnect();
});

Deno.test("Dispatcher never replaces a small answer: the call may have changed something", async () => {
  const { connection, blocked, fill, budget } = steered();
  for (const id of [1, 2]) connection.say(callOf("test_block", { id }));
  fill();
  blocked[0]?.resolve(sized(MAX_WAITING_UNITS_PER_CONNECTION));
  await until(() => budget.units > MIB);
  blocked[1]?.resolve("0x1234");
  assertEquals(await connection.next(), '{"jsonrpc":"2.0","id":2,"result":"0x1234"}');
  connection.disconnect();
});

Deno.test("Dispatchers share one budget, and the end of a connection gives back its part", async () => {
  const budget = new AnswerBudget(10 * MIB);
  const [stuck, other] = [steered({ budget }), steered({ budget })];
  stuck.fill();
  stuck.connection.say(`"${"x".repeat(8 * MIB)}"`);
  other.connection.say(run(4 * MIB));
  const [refused = ""] = other.connection.take();
  assertEquals(JSON.parse(refused).error.message, "too many bytes wait on all connections");
  assertEquals(JSON.parse(refused).error.data.limit, 10 * MIB);
  other.connection.say(NOTHING);
  assertEquals(other.connection.take(), [NOTHING_ANSWER]);
  stuck.connection.disconnect();
  assertEquals(budget.units, 0);
  other.connection.say(run(4 * MIB));
  assertEquals(ids(other.connection.take()), ["1"]);
  assert(budget.units > 4 * MIB);
  other.connection.disconnect();
  await Promise.resolve();
  assertEquals(budget.units, 0);
});

Deno.test("Dispatcher counts what a running batch has collected, and refuses item by item", async () => {
  const budget = new AnswerBudget(10 * MIB);
  const { connection, blocked } = steered({ budget });
  connection.say(`[${run(6 * MIB, 1)},${callOf("test_block", { id: 2 })},${run(6 * MIB, 3)},${NOTHING}]`);
  assertEquals(budget.units, 6 * MIB);
  blocked[0]?.resolve("here");
  const answers = JSON.parse(await connection.next());
  assertEquals(answers.map(({ id, error }: { id: number; error?: { code: number } }) => [id, error?.code]), [
    [1, undefined],
    [2, undefined],
    [3, -32005],
    [9, undefined],
  ]);
  await until(() => budget.units === 0);
  connection.disconnect();
});

Deno.test("Dispatcher gives nothing back twice when a batch outlives its connection", async () => {
  const { connection, blocked, budget } = steered();
  connection.say(`[${run(2 * MIB, 1)},${callOf("test_block", { id: 2 })}]`);
  const drained = connection.handler.drain();
  connection.disconnect();
  blocked[0]?.resolve(sized(MIB));
  await drained;
  assertEquals(budget.units, 0);
});

Deno.test("Dispatcher lets a subscription speak only when its own held answer has left", async () => {
  const { connection, fill, empty } = steered();
  const subscribe = callOf("nftest_subscribe", { id: 7, params: ["laterSubscription", 2] });
  connection.say(subscribe);
  connection.say(`[${subscribe}]`);
  fill();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(connection.take(), []);
  await empty();
  assertEquals(
    connection.take().map((frame) => {
      const { method, params } = JSON.parse(frame);
      return method === undefined ? frame : `${params.subscription} says ${params.result}`;
    }),
    [
      '{"jsonrpc":"2.0","id":7,"result":"0x1"}',
      "0x1 says 1",
      "0x1 says 2",
      '[{"jsonrpc":"2.0","id":7,"result":"0x2"}]',
      "0x2 says 1",
      "0x2 says 2",
    ],
  );
  connection.disconnect();
});

Deno.test("Dispatcher ends the subscriptions of a batch whose answer it could not keep", async () => {
  const stopped: string[] = [];
  const done = Promise.withResolvers<unknown>();
  const budget = new AnswerBudget(MIB);
  const connection = new ToyConnection({
    budget,
    controls: { onStop: (id) => stopped.push(id), onBlock: () => done.promise },
  });
  const wide = callOf("test_echoAny", { id: 2, params: ["x".repeat(SMALL_ANSWER_UNITS - 10)] });
  const subscribe = callOf("nftest_subscribe", { id: 1, params: ["someSubscription", 1, 1] });
  connection.say(`[${subscribe},${wide},${wide},${callOf("test_block", { id: 3 })}]`);
  connection.queuedBytes = OPEN_BELOW_BYTES + 1;
  connection.drain = new Promise(() => {});
  budget.take(MIB);
  done.resolve("x");
  assertEquals(
    JSON.parse(await connection.next()).map((
      { id, error }: { id: number; error: { code: number } },
    ) => [id, error.code]),
    [[1, -32005], [2, -32005], [2, -32005], [3, -32005]],
  );
  assertEquals(stopped, ["0x1"]);
  assertEquals(connection.take(), []);
  connection.disconnect();
});

Deno.test("Dispatcher that drains answers what came before, held or not begun, and refuses what comes after", async () => {
  const { connection, blocked, fill, empty, runs, budget } = steered();
  connection.say(callOf("test_block", { id: 1 }));
  fill();
  connection.say(run(10, 2));
  const deferred = budget.units;
  blocked[0]?.resolve("done");
  let drained = false;
  const draining = connection.handler.drain().then(() => drained = true);
  await until(() => budget.units > deferred);
  assertEquals(drained, false);
  connection.say(run(10, 3));
  assertEquals(ids(connection.take()), ["3: -32000"]);
  await empty();
  await draining;
  assertEquals([ids(connection.take()), runs.length], [["1", "2"], 1]);
});

Deno.test("Dispatcher drops what waits when its connection ends", async () => {
  const { connection, runs, fill, empty, budget } = steered();
  fill();
  connection.say(run(10));
  connection.disconnect();
  await empty();
  assertEquals([runs.length, connection.take(), budget.units], [0, [], 0]);
});
