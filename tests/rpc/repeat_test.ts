import { assert, assertEquals } from "@std/assert";
import { AnswerBudget } from "../../src/rpc/answers.ts";
import { MAX_WAITING_UNITS_PER_CONNECTION } from "../../src/rpc/limits.ts";
import { callOf, ToyConnection, type ToyOptions, until } from "../wire/toy_connection.ts";
import { ids, sized } from "./sized_answers.ts";

const MIB = 1024 * 1024;
const NOTHING = callOf("test_noArgsRets", { id: 9 });

/** A connection whose `test_read` calls are answered when the test says, with as many characters as they ask for. */
function reading(options: ToyOptions = {}) {
  const budget = new AnswerBudget(256 * MIB);
  const reads: { size: number; done: PromiseWithResolvers<unknown> }[] = [];
  const connection = new ToyConnection({
    budget,
    ...options,
    controls: {
      onRead: (size) => {
        const done = Promise.withResolvers<unknown>();
        reads.push({ size: Number(size), done });
        return done.promise;
      },
    },
  });
  /** Ends all reads that run now. */
  function answer() {
    for (const { size, done } of reads) done.resolve(sized(size));
  }
  return { connection, reads, budget, answer };
}

function read(size: number, id: number): string {
  return callOf("test_read", { id, params: [size] });
}

Deno.test("Dispatcher runs reads again whose answers found no room, one at a time, and answers each of them", async () => {
  const { connection, reads, budget, answer } = reading();
  for (let id = 1; id <= 8; id++) connection.say(read(20 * MIB, id));
  // The transport takes one answer at a time.
  let left = Promise.withResolvers<void>();
  connection.send = ((send) => (text: string) => {
    send.call(connection, text);
    connection.queuedBytes = text.length;
    left = Promise.withResolvers<void>();
    connection.drain = left.promise;
  })(connection.send);
  const answers: string[] = [];
  let most = 0;
  await until(async () => {
    answer();
    await new Promise((resolve) => setTimeout(resolve));
    most = Math.max(most, budget.units);
    connection.queuedBytes = 0;
    left.resolve();
    return answers.push(...ids(connection.take())) >= 8;
  });
  assertEquals(answers.toSorted(), ["1", "2", "3", "4", "5", "6", "7", "8"]);
  assert(most <= MAX_WAITING_UNITS_PER_CONNECTION, `${most}`);
  assertEquals(reads.length, 8 + 5, "three answers found room at once, and five calls were run again");
  connection.disconnect();
  assertEquals(budget.units, 0);
});

Deno.test("Dispatcher runs a batch of reads again that found no room, and no batch that changes something", async () => {
  const { connection, reads, budget, answer } = reading({ budget: new AnswerBudget(1000 * MIB) });
  connection.say(`[${read(40 * MIB, 1)}]`);
  connection.say(`[5,${read(40 * MIB, 2)}]`);
  connection.say(`[${read(40 * MIB, 3)},${NOTHING}]`);
  answer();
  const shapes: string[][] = [];
  await until(() => {
    answer();
    for (const frame of connection.take()) {
      shapes.push(ids(JSON.parse(frame).map((item: unknown) => JSON.stringify(item))));
    }
    return shapes.length >= 3;
  });
  assertEquals(shapes.toSorted(), [["1"], ["3: -32005", "9"], ["null: -32600", "2"]]);
  assertEquals(reads.length, 4);
  connection.disconnect();
  assertEquals(budget.units, 0);
});

Deno.test("Dispatcher that is cancelled answers each call that is left with an error, once", async () => {
  const { connection, reads } = reading({ limits: { inflightCalls: 2 } });
  connection.say(read(10, 1));
  connection.say(`[${NOTHING},${read(10, 2)},${read(10, 3)}]`);
  connection.say(read(10, 4));
  connection.say(`[${read(10, 5)},7]`);
  const drained = connection.handler.drain();
  assertEquals(connection.take(), []);
  connection.handler.cancel();
  const [first = "", second = "", third = "", fourth = "", ...others] = connection.take();
  assertEquals(first, '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"server is shutting down"}}');
  const batch = (frame: string) => ids(JSON.parse(frame).map((item: unknown) => JSON.stringify(item)));
  assertEquals(batch(second), ["9", "2: -32000", "3: -32000"]);
  assertEquals(ids([third]), ["4: -32000"]);
  assertEquals([batch(fourth), others], [["5: -32000", "null: -32600"], []]);
  for (const { done } of reads) done.resolve("late");
  await drained;
  assertEquals([connection.take(), reads.length], [[], 2]);
  connection.disconnect();
});
