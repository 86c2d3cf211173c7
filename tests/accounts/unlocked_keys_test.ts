import { assert, assertEquals } from "@std/assert";
import { UnlockedKeys } from "../../src/accounts/unlocked_keys.ts";
import { KEY, KEY_ADDRESS, keyBytes } from "./capture.ts";

const ZEROES = "0".repeat(64);

Deno.test("A locked key is gone and its bytes are zero", () => {
  const keys = new UnlockedKeys();
  const key = keyBytes();
  keys.unlock(KEY_ADDRESS, key, { durationMs: Infinity });
  assertEquals(keys.get(KEY_ADDRESS)?.toHex(), KEY);
  keys.lock(KEY_ADDRESS);
  assertEquals(keys.get(KEY_ADDRESS), undefined);
  assertEquals(key.toHex(), ZEROES);
});

Deno.test("A key is zeroed by its timer, without being asked for", async () => {
  const keys = new UnlockedKeys();
  const key = keyBytes();
  keys.unlock(KEY_ADDRESS, key, { durationMs: 20 });
  const deadline = performance.now() + 5000;
  // The timer of the key does not keep the process alive, so something else must.
  while (key.some((byte) => byte !== 0) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(key.toHex(), ZEROES);
  assertEquals(keys.addresses(), []);
});

Deno.test("A key is refused from its deadline on, even when the loop was too busy for its timer", () => {
  const keys = new UnlockedKeys();
  const key = keyBytes();
  keys.unlock(KEY_ADDRESS, key, { durationMs: 5 });
  const start = performance.now();
  while (performance.now() < start + 6) assert(true);
  assertEquals(keys.has(KEY_ADDRESS), false);
  assertEquals(key.toHex(), ZEROES);
});

Deno.test("No timer is set for longer than a timer can keep, since it would fire at once", () => {
  const keys = new UnlockedKeys();
  const delays: unknown[] = [];
  const original = globalThis.setTimeout;
  globalThis.setTimeout = ((run: () => void, delay: number) => {
    delays.push(delay);
    return original(run, delay);
  }) as typeof setTimeout;
  try {
    keys.unlock(KEY_ADDRESS, keyBytes(), { durationMs: 9_223_372_036_000 });
  } finally {
    globalThis.setTimeout = original;
  }
  assertEquals(delays, [2 ** 31 - 1]);
  assertEquals(keys.get(KEY_ADDRESS)?.toHex(), KEY);
  keys.close();
});

Deno.test("Unlocking again replaces the time, unless the key is unlocked for good", () => {
  const keys = new UnlockedKeys();
  const [first, second, third] = [keyBytes(), keyBytes(), keyBytes()];
  keys.unlock(KEY_ADDRESS, first, { durationMs: 60_000 });
  keys.unlock(KEY_ADDRESS, second, { durationMs: Infinity });
  assertEquals([first.toHex(), second.toHex()], [ZEROES, KEY]);
  keys.unlock(KEY_ADDRESS, third, { durationMs: 1 });
  assertEquals([second.toHex(), third.toHex()], [KEY, ZEROES]);
  assertEquals(keys.addresses(), [KEY_ADDRESS]);
  keys.close();
  assertEquals(second.toHex(), ZEROES);
});
