import { assertEquals } from "@std/assert";
import { TimeSlices } from "../../src/concurrency/time_slices.ts";
import { Batch } from "../../src/rpc/batch.ts";
import type { Awaitable } from "../../src/rpc/awaitable.ts";
import type { Item, Outcome } from "../../src/rpc/message.ts";
import { settled } from "../support/fake_clock.ts";
import { FakeLoop } from "../support/fake_loop.ts";

/** Runs a batch of calls that take a millisecond each; returns how many had run at the end of each turn of the loop. */
async function slicesOf(answer: (outcome: Outcome) => Awaitable<Outcome>): Promise<number[]> {
  const loop = new FakeLoop();
  const items = Array.from({ length: 64 }, (_, id): Item => ({ kind: "call", id: `${id}`, method: "a", params: [] }));
  let ran = 0;
  const batch = new Batch(items, {
    maxResponseBytes: 0,
    slices: new TimeSlices({ now: () => loop.time, loop, sliceMs: 12 }),
    keep: () => undefined,
    cancelled: () => false,
    execute: () => {
      ran += 1;
      loop.time += 1;
      return answer({ ok: true, json: "1" });
    },
  });
  const frame = batch.run();
  await settled();
  const seen = [ran];
  while (ran < items.length) {
    await loop.turn();
    seen.push(ran);
  }
  await loop.turn();
  assertEquals(JSON.parse(await frame ?? "").length, 64);
  return seen;
}

Deno.test("Batch of calls that answer at once lets others in when its slice is over", async () => {
  assertEquals(await slicesOf((outcome) => outcome), [24, 40, 56, 64]);
});

Deno.test("Batch of calls whose promises are kept at once lets others in when its slice is over", async () => {
  assertEquals(await slicesOf((outcome) => Promise.resolve(outcome)), [13, 25, 37, 49, 61, 64]);
});
