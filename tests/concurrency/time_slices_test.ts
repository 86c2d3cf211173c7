import { assert, assertEquals } from "@std/assert";
import { TimeSlices } from "../../src/concurrency/time_slices.ts";
import { settled } from "../support/fake_clock.ts";
import { FakeLoop } from "../support/fake_loop.ts";

function slicesOn(loop: FakeLoop): TimeSlices {
  return new TimeSlices({ loop, now: () => loop.time, sliceMs: 10 });
}

Deno.test("A slice is over after its time, and the work that pauses goes on in the next turn of the loop", async () => {
  const loop = new FakeLoop();
  const slices = slicesOn(loop);
  assertEquals([slices.isOver, slices.count], [false, 1]);
  loop.time = 9;
  assertEquals(slices.isOver, false);
  loop.time = 10;
  assertEquals(slices.isOver, true);
  let goesOn = false;
  const paused = slices.pause().then(() => goesOn = true);
  await settled();
  assertEquals(goesOn, false);
  await loop.turn();
  await paused;
  assertEquals([slices.isOver, slices.count], [false, 2]);
});

Deno.test("Work that follows other work without a turn of the loop shares its slice", async () => {
  const loop = new FakeLoop();
  const slices = slicesOn(loop);
  await slices.start();
  loop.time = 6;
  await slices.start();
  assertEquals(slices.count, 1);
  loop.time = 12;
  let started = false;
  void slices.start().then(() => started = true);
  await settled();
  assertEquals(started, false);
  await loop.turn();
  assertEquals([started, slices.count], [true, 2]);
});

Deno.test("Work that begins after the loop has turned has a whole slice", async () => {
  const loop = new FakeLoop();
  const slices = slicesOn(loop);
  await slices.start();
  loop.time = 1_000;
  await loop.turn();
  await slices.start();
  assertEquals([slices.isOver, slices.count], [false, 2]);
  loop.time = 1_009;
  assertEquals(slices.isOver, false);
});

Deno.test("Paused work goes on in the order of pausing, one piece a turn, and new work takes every other turn", async () => {
  const loop = new FakeLoop();
  const slices = slicesOn(loop);
  await slices.start();
  loop.time = 10;
  const story: string[] = [];
  const work = (name: string, wait: Promise<void>) =>
    void wait.then(() => {
      story.push(name);
      loop.time += 10;
    });
  for (const name of ["long 1", "long 2"]) work(name, slices.pause());
  for (const name of ["new 1", "new 2", "new 3"]) work(name, slices.start());
  const seen: string[][] = [];
  for (let turn = 0; turn < 5; turn++) {
    await loop.turn();
    seen.push([...story]);
  }
  assertEquals(seen.map((names) => names.length), [1, 2, 3, 4, 5]);
  assertEquals(story, ["new 1", "long 1", "new 2", "long 2", "new 3"]);
});

Deno.test("Short work passes the rest of its slice on, so that many pieces share one turn", async () => {
  const loop = new FakeLoop();
  const slices = slicesOn(loop);
  await slices.start();
  loop.time = 10;
  let done = 0;
  const piece = async () => {
    await slices.start();
    loop.time += 3;
    done++;
    slices.finish();
  };
  const pieces = Promise.all(Array.from({ length: 8 }, piece));
  await loop.turn();
  assertEquals(done, 4);
  await loop.turn();
  assertEquals(done, 8);
  await pieces;
  assertEquals(slices.count, 3);
});

Deno.test("Between two slices of the process, sockets and timers are served", async () => {
  const slices = new TimeSlices({ sliceMs: 0 });
  let served = false;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept().then((connection) => {
    served = true;
    connection.close();
  });
  const client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  // More pauses than any runtime needs: each is one turn of the loop.
  for (let pause = 0; pause < 1_000 && !served; pause++) await slices.pause();
  assert(served, "no socket was served in 1,000 turns");
  await accepted;
  client.close();
  listener.close();
});
