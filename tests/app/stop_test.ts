import { assertEquals } from "@std/assert";
import { STOP_GRACE_MS, STOP_LIMIT_MS, stopInTime } from "../../src/app/stop.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("stopInTime waits for what stops, and leaves no timer", async () => {
  const clock = new FakeClock();
  const stopping = Promise.withResolvers<void>();
  const stopped = stopInTime(stopping.promise, { clock });
  await clock.advance(STOP_GRACE_MS);
  stopping.resolve();
  assertEquals([await stopped, clock.timers], [true, 0]);
});

Deno.test("stopInTime gives up after its limit, which is longer than the grace of running calls", async () => {
  const clock = new FakeClock();
  const stopped = stopInTime(new Promise(() => {}), { clock });
  await clock.advance(STOP_LIMIT_MS);
  assertEquals(await stopped, false);
  assertEquals(STOP_LIMIT_MS > STOP_GRACE_MS, true);
});
