import { assertEquals } from "@std/assert";
import { TokenBucket } from "../../src/concurrency/token_bucket.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** How many of so many attempts are admitted now. */
function admitted(bucket: TokenBucket, attempts: number, weight = 1): number {
  return Array.from({ length: attempts }, () => bucket.tryTake(weight)).filter((wait) => wait === 0).length;
}

Deno.test("A bucket admits its burst at once, then its rate, and never more than the burst after a quiet time", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ perSecond: 10, burst: 25 }, clock);
  assertEquals(admitted(bucket, 100), 25);
  assertEquals(bucket.tryTake(1), 100);
  await clock.advance(99);
  assertEquals(admitted(bucket, 100), 0);
  await clock.advance(1);
  assertEquals(admitted(bucket, 100), 1);
  await clock.advance(1000);
  assertEquals(admitted(bucket, 100), 10);
  await clock.advance(3_600_000);
  assertEquals(admitted(bucket, 100), 25);
});

Deno.test("A caller that waits as long as it is told is admitted, for any rate and weight", async () => {
  for (const [perSecond, burst, weight] of [[3, 7, 2], [0.1, 1, 1], [7, 7, 3], [1000, 1, 1], [0.3, 5, 4.5]] as const) {
    const clock = new FakeClock();
    const bucket = new TokenBucket({ perSecond, burst }, clock);
    for (let round = 0; round < 200; round++) {
      const wait = bucket.tryTake(weight);
      if (wait === 0) continue;
      await clock.advance(wait);
      assertEquals(bucket.tryTake(weight), 0, `${perSecond} ${burst} ${weight}`);
    }
  }
});

Deno.test("What is heavier than the burst needs a full bucket, and empties it", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ perSecond: 1, burst: 5 }, clock);
  assertEquals(bucket.tryTake(50), 0);
  assertEquals(bucket.tryTake(50), 5000);
  await clock.advance(5000);
  assertEquals(bucket.tryTake(50), 0);
});

Deno.test("A debt is paid before anything else is admitted", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ perSecond: 100, burst: 100 }, clock);
  bucket.take(350);
  assertEquals(bucket.waitMs(0), 2500);
  await clock.advance(2500);
  assertEquals([bucket.waitMs(0), bucket.tryTake(1)], [0, 10]);
});
