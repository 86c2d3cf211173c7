import { assertEquals } from "@std/assert";
import { TimeSlices } from "../../src/concurrency/time_slices.ts";
import { LARGE_MESSAGE_UNITS } from "../../src/rpc/limits.ts";
import { FakeLoop } from "../support/fake_loop.ts";
import { callOf, ToyConnection } from "../wire/toy_connection.ts";

const LARGE = callOf("test_run", { id: 1, params: ["x".repeat(LARGE_MESSAGE_UNITS)] });
const SMALL = callOf("test_noArgsRets", { id: 2 });
const LARGE_ANSWER = `{"jsonrpc":"2.0","id":1,"result":${LARGE_MESSAGE_UNITS}}`;
const SMALL_ANSWER = '{"jsonrpc":"2.0","id":2,"result":null}';

/** A connection on a loop where each look at the clock finds the slice over, as if every step took as long. */
function stepwise() {
  const loop = new FakeLoop();
  const slices = new TimeSlices({ now: () => loop.time += 13, loop, sliceMs: 12 });
  return {
    loop,
    slices,
    connection: new ToyConnection({ slices, controls: { onRun: (text) => String(text).length } }),
  };
}

Deno.test("A large message is decoded, scanned, parsed and run in a turn of the loop each", async () => {
  const { loop, slices, connection } = stepwise();
  const other = new ToyConnection({ slices });
  connection.say(LARGE);
  const turns = [];
  while (turns.length < 5) {
    other.say(SMALL);
    turns.push([...connection.take(), ...other.take()]);
    await loop.turn();
  }
  assertEquals(turns, Array.from({ length: 5 }, () => [SMALL_ANSWER]));
  assertEquals(connection.take(), [LARGE_ANSWER]);
  assertEquals(slices.count, 5);
});

Deno.test("Messages behind a large one wait until its call has begun", async () => {
  const { loop, connection } = stepwise();
  connection.say(LARGE);
  connection.say(SMALL);
  for (let turn = 0; turn < 3; turn++) await loop.turn();
  assertEquals(connection.take(), []);
  // As behind any call that does not end at once.
  await loop.turn();
  assertEquals(await connection.next(), SMALL_ANSWER);
  await loop.turn();
  assertEquals(await connection.next(), LARGE_ANSWER);
});

Deno.test("A large message that is being read is answered with an error at the end of its grace", async () => {
  const { loop, connection } = stepwise();
  connection.say(LARGE);
  await loop.turn();
  const drained = connection.handler.drain();
  connection.handler.cancel();
  await drained;
  const message = "server is shutting down";
  assertEquals(connection.take().map((text) => JSON.parse(text)), [
    { jsonrpc: "2.0", id: 1, error: { code: -32000, message } },
  ]);
  for (let turn = 0; turn < 5; turn++) await loop.turn();
  assertEquals(connection.take(), []);
});

Deno.test("A large message that is being read when its connection drains is answered, and nothing is when it ends", async () => {
  const { loop, connection } = stepwise();
  connection.say(LARGE);
  const drained = connection.handler.drain();
  for (let turn = 0; turn < 5; turn++) await loop.turn();
  await drained;
  assertEquals(connection.take(), [LARGE_ANSWER]);

  const gone = stepwise();
  gone.connection.say(LARGE);
  await gone.loop.turn();
  gone.connection.handler.closed();
  for (let turn = 0; turn < 5; turn++) await gone.loop.turn();
  assertEquals(gone.connection.take(), []);
});
