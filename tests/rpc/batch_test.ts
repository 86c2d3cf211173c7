import { assertEquals } from "@std/assert";
import { TimeSlices } from "../../src/concurrency/time_slices.ts";
import { Batch } from "../../src/rpc/batch.ts";
import type { Item } from "../../src/rpc/message.ts";
import { FakeLoop } from "../support/fake_loop.ts";

Deno.test("Batch of calls that answer at once lets others in when its slice is over", async () => {
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
      return { ok: true, json: "1" };
    },
  });
  const frame = batch.run();
  const seen = [ran];
  while (ran < items.length) {
    await loop.turn();
    seen.push(ran);
  }
  await loop.turn();
  assertEquals(seen, [24, 40, 56, 64]);
  assertEquals(JSON.parse(await frame ?? "").length, 64);
});
