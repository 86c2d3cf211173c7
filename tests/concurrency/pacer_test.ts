import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { sleep, SYSTEM_CLOCK } from "../../src/concurrency/clock.ts";
import { Pacer, RunAborted } from "../../src/concurrency/pacer.ts";
import { TimeSlices } from "../../src/concurrency/time_slices.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";
import { FakeLoop } from "../support/fake_loop.ts";

Deno.test("A run ends at its deadline, also while it pauses", async () => {
  const clock = new FakeClock();
  const loop = new FakeLoop();
  const pacer = new Pacer({ deadline: 100, clock, slices: new TimeSlices({ now: () => clock.now(), loop }) });
  pacer.check();
  const pausing = assertRejects(() => pacer.pause(), RunAborted, "execution timed out");
  await clock.advance(100);
  await loop.turn();
  await pausing;
  assertThrows(() => pacer.check(), RunAborted, "execution timed out");
});

Deno.test("A run ends when its caller is gone", async () => {
  const caller = new AbortController();
  const pacer = new Pacer({ signal: caller.signal });
  pacer.check();
  caller.abort();
  assertThrows(() => pacer.check(), RunAborted, "execution aborted");
  await assertRejects(() => pacer.pause(), RunAborted, "execution aborted");
  await assertRejects(() => pacer.during(() => Promise.resolve()), RunAborted, "execution aborted");
});

Deno.test("Work elsewhere is told to end at the deadline of the run that waits for it, and when its caller is gone", async () => {
  const clock = new FakeClock();
  const work = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const timedOut = assertRejects(
    () => new Pacer({ deadline: 50, clock }).during(work),
    RunAborted,
    "execution timed out",
  );
  await clock.advance(50);
  await timedOut;
  const caller = new AbortController();
  const left = assertRejects(
    () => new Pacer({ signal: caller.signal, clock }).during(work),
    RunAborted,
    "execution aborted",
  );
  caller.abort();
  await left;
  assertEquals(await new Pacer({ deadline: 500, clock }).during(() => Promise.resolve(7)), 7);
  assertEquals(clock.timers, 0);
});

Deno.test("A run says that it pauses before it does", async () => {
  let pauses = 0;
  const pacer = new Pacer({ slices: new TimeSlices({ sliceMs: 0 }) });
  pacer.onPause = () => pauses++;
  await pacer.breathe();
  await pacer.during(() => Promise.resolve());
  assertEquals(pauses, 2);
});

Deno.test("Sleep lasts as long as the clock says, and ends with the signal's reason when it is aborted", async () => {
  const clock = new FakeClock();
  let awake = false;
  const slept = sleep(1_000, { clock }).then(() => awake = true);
  await clock.advance(999);
  assertEquals(awake, false);
  await clock.advance(1);
  await slept;
  const caller = new AbortController();
  const aborted = assertRejects(() => sleep(1_000, { clock, signal: caller.signal }), Error, "gone");
  caller.abort(new Error("gone"));
  await aborted;
  assertEquals(clock.timers, 0);
  await assertRejects(() => sleep(1_000, { clock, signal: caller.signal }), Error, "gone");
});

Deno.test("The system's timer keeps delays that setTimeout would cut to nothing", async () => {
  let fired = false;
  const timer = SYSTEM_CLOCK.setTimer(2 ** 40, () => fired = true);
  timer.unref();
  await settled();
  await new Promise((resolve) => setTimeout(resolve, 2));
  timer.cancel();
  assertEquals(fired, false);
});
