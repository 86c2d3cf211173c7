import { assert, assertEquals } from "@std/assert";
import { AddressBuckets, addressKey } from "../../src/access/address_buckets.ts";
import { TokenBucket } from "../../src/concurrency/token_bucket.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { Random } from "../support/random.ts";

Deno.test("An address is one client, an IPv6 network of 64 bits too, and what has no address is one", () => {
  const keys = ["10.0.0.1:80", "10.0.0.1:81", "[::ffff:10.0.0.1]:5", "10.0.0.2:80"].map(addressKey);
  assertEquals(keys, ["10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"]);
  assertEquals(addressKey("[2001:db8:0:1::7]:80"), addressKey("[2001:db8:0:1:ffff::]:81"));
  assert(addressKey("[2001:db8:0:1::7]:80") !== addressKey("[2001:db8:0:2::7]:80"));
  assertEquals(["unix", "unknown", "memory"].map(addressKey), ["", "", ""]);
});

Deno.test("The bucket of an address admits what a token bucket admits", async () => {
  const clock = new FakeClock();
  const rate = { perSecond: 7, burst: 13 };
  const buckets = new AddressBuckets(rate, { clock });
  const kept = new Map(["a", "b", "c"].map((key) => [key, buckets.of(key)]));
  const oracles = new Map(["a", "b", "c"].map((key) => [key, new TokenBucket(rate, clock)]));
  const random = new Random(15);
  for (let step = 0; step < 5000; step++) {
    const key = random.pick(["a", "b", "c"]);
    const weight = 1 + random.below(4);
    // A connection keeps its bucket, a request looks for it.
    const bucket = random.chance(0.5) ? buckets.of(key) : kept.get(key);
    const [mine, oracle] = [bucket?.waitMs(weight) ?? NaN, oracles.get(key)];
    const theirs = oracle?.waitMs(weight) ?? NaN;
    // They add up fractions of a millisecond in another order.
    assert((mine === 0) === (theirs === 0) && Math.abs(mine - theirs) <= 1, `step ${step}: ${mine} and ${theirs}`);
    if (mine === 0) {
      bucket?.take(weight);
      oracle?.take(weight);
    }
    await clock.advance(random.below(300));
  }
});

Deno.test("A million addresses take the room of a bounded number, and nobody is forgotten while over the limit", async () => {
  const clock = new FakeClock();
  const max = 1000;
  const buckets = new AddressBuckets({ perSecond: 1, burst: 10 }, { clock, max });
  const first = buckets.of("the first");
  for (let count = 0; count < 10; count++) first.take(1);
  assertEquals(first.waitMs(1), 1000);
  let admitted = 0;
  for (let index = 0; index < 1_000_000; index++) {
    const key = `10.${index >> 16}.${index >> 8 & 255}.${index & 255}`;
    if (buckets.of(key).waitMs(1) > 0) continue;
    buckets.of(key).take(1);
    admitted += 1;
  }
  assertEquals(buckets.size, max);
  assertEquals(first.waitMs(1), 1000);
  // 999 buckets with an owner, and 1,024 that all others share.
  assertEquals(admitted, max - 1 + 1024 * 10);
  await clock.advance(10_000);
  assertEquals(buckets.of("a newcomer").waitMs(10), 0);
  await clock.advance(10_000);
  buckets.of("a newcomer").waitMs(1);
  assertEquals(buckets.size, 0);
});
