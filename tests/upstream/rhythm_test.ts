import { assertEquals } from "@std/assert";
import { stallAfterMs } from "../../src/upstream/rhythm.ts";

/** The times of blocks with these intervals, seconds. */
function times(...intervals: readonly number[]): bigint[] {
  const times = [1_700_000_000n];
  for (const interval of intervals) times.push((times.at(-1) ?? 0n) + BigInt(interval));
  return times;
}

Deno.test("A chain with a rhythm has stalled after ten blocks' time, and not within a minute", () => {
  assertEquals(stallAfterMs(times(...Array(16).fill(12))), 120_000);
  assertEquals(stallAfterMs(times(...Array(16).fill(1))), 60_000);
  assertEquals(stallAfterMs(times(...Array(14).fill(12), 24, 36)), 142_500, "slots may be missed");
});

Deno.test("A chain that makes blocks on demand, or too few, is never late", () => {
  assertEquals(stallAfterMs(times(...Array(15).fill(1), 500)), null);
  assertEquals(stallAfterMs(times(...Array(16).fill(0))), null);
  assertEquals(stallAfterMs(times(...Array(15).fill(12))), null);
  assertEquals(stallAfterMs([]), null);
});
