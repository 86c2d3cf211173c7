import { assertEquals } from "@std/assert";
import { Leader } from "../../src/upstream/leader.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";

/** The part of an upstream that is looked at. */
function scripted(name: string, head: bigint, { priority = 0, isPolled = false } = {}) {
  return {
    state: "ready",
    spec: { name, priority },
    isPolled,
    head: { number: head },
    latencyMs: 1,
  } as unknown as Upstream & { head: { number: bigint }; state: string };
}

function follow(leader: Leader, upstreams: readonly Upstream[], now: number): string | undefined {
  leader.choose(upstreams, { now, leads: true });
  return leader.current?.spec.name;
}

Deno.test("Leader keeps the upstream that it follows for as long as it is good", () => {
  const [one, other] = [scripted("one", 5n), scripted("other", 5n)];
  const leader = new Leader();
  assertEquals(follow(leader, [one, other], 0), "one");
  other.head.number = 6n;
  assertEquals(follow(leader, [one, other], 10), "one");
  one.head.number = 6n;
  assertEquals(follow(leader, [one, other], 2_000), "one");
});

Deno.test("Leader leaves an upstream that stays a single block behind", () => {
  const [one, other] = [scripted("one", 5n), scripted("other", 5n)];
  const leader = new Leader();
  assertEquals(follow(leader, [one, other], 0), "one");
  other.head.number = 6n;
  assertEquals(follow(leader, [one, other], 1_000), "one");
  assertEquals(follow(leader, [one, other], 4_000), "one");
  assertEquals(follow(leader, [one, other], 4_001), "other");
  one.head.number = 6n;
  assertEquals(follow(leader, [one, other], 5_000), "other", "coming back alone is no reason to switch");
});

Deno.test("Leader pays only when nobody else can be followed, and stops paying when somebody can", () => {
  const [free, paid] = [scripted("free", 5n), scripted("paid", 5n, { priority: 1 })];
  const leader = new Leader();
  assertEquals(follow(leader, [paid, free], 0), "free");
  free.state = "down";
  assertEquals(follow(leader, [paid, free], 1), "paid");
  free.state = "ready";
  assertEquals(follow(leader, [paid, free], 2), "free");
});

Deno.test("Leader prefers an upstream that tells its heads to one that is polled, and skips one at fault", () => {
  const [polled, telling] = [scripted("polled", 5n, { isPolled: true }), scripted("telling", 5n)];
  const leader = new Leader();
  assertEquals(follow(leader, [polled, telling], 0), "telling");
  leader.fault(telling, 0);
  assertEquals(follow(leader, [polled, telling], 1), "polled");
  assertEquals(leader.isAside(telling, 9_999), true);
  assertEquals(leader.isAside(telling, 10_001), false);
});
