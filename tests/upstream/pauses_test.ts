import { assertEquals } from "@std/assert";
import { Pauses } from "../../src/upstream/pauses.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { FakeClock } from "../support/fake_clock.ts";

const UPSTREAM = {} as Upstream;

/** How long an upstream is left alone from now on, milliseconds. */
async function pauseOf(pauses: Pauses, clock: FakeClock): Promise<number> {
  const start = clock.now();
  while (pauses.isPaused(UPSTREAM)) await clock.advance(1);
  return clock.now() - start;
}

Deno.test("Pauses double with each refusal after a pause, and halve with each answer", async () => {
  const clock = new FakeClock();
  const pauses = new Pauses(clock);
  const lengths: number[] = [];
  for (let refusal = 0; refusal < 7; refusal++) {
    pauses.busy(UPSTREAM, undefined);
    lengths.push(await pauseOf(pauses, clock));
  }
  assertEquals(lengths, [100, 200, 400, 800, 1_600, 2_000, 2_000]);
  for (let answer = 0; answer < 2; answer++) pauses.answered(UPSTREAM);
  pauses.busy(UPSTREAM, undefined);
  assertEquals(await pauseOf(pauses, clock), 500);
  for (let answer = 0; answer < 10; answer++) pauses.answered(UPSTREAM);
  pauses.busy(UPSTREAM, undefined);
  assertEquals(await pauseOf(pauses, clock), 100);
});

Deno.test("Pauses count the refusals of calls that were under way together as one", async () => {
  const clock = new FakeClock();
  const pauses = new Pauses(clock);
  for (let call = 0; call < 50; call++) pauses.busy(UPSTREAM, undefined);
  assertEquals(await pauseOf(pauses, clock), 100);
  pauses.busy(UPSTREAM, undefined);
  assertEquals(await pauseOf(pauses, clock), 200);
});

Deno.test("Pauses are as long as the upstream says", async () => {
  const clock = new FakeClock();
  const pauses = new Pauses(clock);
  pauses.busy(UPSTREAM, 3_000);
  assertEquals(await pauseOf(pauses, clock), 3_000);
  pauses.busy(UPSTREAM, 0);
  assertEquals(pauses.isPaused(UPSTREAM), false);
});
