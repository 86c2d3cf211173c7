import { assert, assertEquals } from "@std/assert";
import { Refiller } from "../../src/transport/refill.ts";

const TURNS = 5_000;

Deno.test("Refiller asks again while there is a backlog, and not once it is gone", async () => {
  const refiller = new Refiller();
  const done = Promise.withResolvers<void>();
  let turns = 0;
  refiller.add({
    refill() {
      turns++;
      if (turns === TURNS) done.resolve();
      return { moved: true, done: turns === TURNS };
    },
  });
  const started = performance.now();
  await done.promise;
  // As many timers would take five seconds at the least.
  assert(performance.now() - started < 3_000, "progress must not wait for timers");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(turns, TURNS);
});

Deno.test("Refiller slows down while nothing moves, and is as quick as ever for a newcomer", async () => {
  const refiller = new Refiller();
  let turns = 0;
  const stuck = {
    refill() {
      turns++;
      return { moved: false, done: false };
    },
  };
  refiller.add(stuck);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert(turns > 64 && turns < 100, `${turns} turns in 300 ms`);
  const quick = Promise.withResolvers<void>();
  refiller.add({
    refill() {
      quick.resolve();
      return { moved: true, done: true };
    },
  });
  await quick.promise;
  refiller.remove(stuck);
  const after = turns;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert(turns - after <= 1, "a connection that was taken out is not asked again");
});
