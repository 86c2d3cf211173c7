import { assertEquals } from "@std/assert";
import { UnlockedKeys } from "../../src/accounts/unlocked_keys.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { KEY, KEY_ADDRESS, keyBytes } from "./capture.ts";

const ZEROES = "0".repeat(64);

Deno.test("A locked key is gone and its bytes are zero", () => {
  const keys = new UnlockedKeys(new FakeClock());
  const key = keyBytes();
  keys.unlock(KEY_ADDRESS, key, { durationMs: Infinity });
  assertEquals(keys.get(KEY_ADDRESS)?.toHex(), KEY);
  keys.lock(KEY_ADDRESS);
  assertEquals(keys.get(KEY_ADDRESS), undefined);
  assertEquals(key.toHex(), ZEROES);
});

Deno.test("A key is zeroed by its timer, without being asked for", async () => {
  const clock = new FakeClock();
  const keys = new UnlockedKeys(clock);
  const key = keyBytes();
  keys.unlock(KEY_ADDRESS, key, { durationMs: 300_000 });
  await clock.advance(299_999);
  assertEquals(key.toHex(), KEY);
  await clock.advance(1);
  assertEquals(key.toHex(), ZEROES);
  assertEquals(keys.addresses(), []);
});

Deno.test("A key is refused from its deadline on, even when the loop was too busy for its timer", () => {
  let now = 0;
  const clock = new FakeClock();
  const keys = new UnlockedKeys({ now: () => now, setTimer: (delay, callback) => clock.setTimer(delay, callback) });
  const key = keyBytes();
  keys.unlock(KEY_ADDRESS, key, { durationMs: 5 });
  now = 4;
  assertEquals(keys.has(KEY_ADDRESS), true);
  now = 5;
  assertEquals(keys.has(KEY_ADDRESS), false);
  assertEquals([key.toHex(), clock.timers], [ZEROES, 0]);
});

Deno.test("A key may be unlocked for longer than the longest delay of the system's timers, 24 days", async () => {
  const clock = new FakeClock();
  const keys = new UnlockedKeys(clock);
  keys.unlock(KEY_ADDRESS, keyBytes(), { durationMs: 9_223_372_036_000 });
  await clock.advance(9_223_372_035_999);
  assertEquals(keys.get(KEY_ADDRESS)?.toHex(), KEY);
  await clock.advance(1);
  assertEquals(keys.get(KEY_ADDRESS), undefined);
});

Deno.test("Unlocking again replaces the time, unless the key is unlocked for good", async () => {
  const clock = new FakeClock();
  const keys = new UnlockedKeys(clock);
  const [first, second, third] = [keyBytes(), keyBytes(), keyBytes()];
  keys.unlock(KEY_ADDRESS, first, { durationMs: 60_000 });
  keys.unlock(KEY_ADDRESS, second, { durationMs: Infinity });
  assertEquals([first.toHex(), second.toHex()], [ZEROES, KEY]);
  keys.unlock(KEY_ADDRESS, third, { durationMs: 1 });
  assertEquals([second.toHex(), third.toHex()], [KEY, ZEROES]);
  await clock.advance(60_000);
  assertEquals(keys.addresses(), [KEY_ADDRESS]);
  keys.close();
  assertEquals([second.toHex(), clock.timers], [ZEROES, 0]);
});
