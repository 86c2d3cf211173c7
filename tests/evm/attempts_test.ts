import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Address } from "../../src/eth/types.ts";
import { attempts } from "../../src/evm/attempts.ts";
import { RpcError } from "../../src/rpc/error.ts";
import type { ForeseenCall } from "../../src/state/base.ts";
import { Misses } from "../../src/state/base.ts";
import { World } from "../../src/state/world.ts";
import { wordHex } from "../../src/primitives/hex.ts";
import { LateBase } from "../support/late_base.ts";
import { addressOf, ALICE, BOB, callsOn, CONTRACT, worldWith } from "./fixture.ts";

/** for (i = data[0]; i != 0; i--) sum += sload(i); returns the sum. */
const SUMS = "5f355f5b8115601557815401906001900390600356" + "5b5f5260205ff3";
/** for (at = data[0]; at != 0; at = sload(at)) last = at; returns the last: each slot names the next. */
const FOLLOWS = "5f355f5b811560105750805490600356" + "5b5f5260205ff3";
/** Adds sload(0) to itself until it is above 0: has no end where slot 0 counts as nothing. */
const WAITS = "5b5f54156000575f545f5260205ff3";

function slots(
  count: number,
  valueOf: (slot: number) => number,
): [ReturnType<typeof wordHex>, ReturnType<typeof wordHex>][] {
  return Array.from({ length: count }, (_, index) => [wordHex(BigInt(index + 1)), wordHex(BigInt(valueOf(index + 1)))]);
}

function late(code: string, storage: ReturnType<typeof slots>): LateBase {
  return new LateBase(worldWith(code).withStorage(CONTRACT, storage));
}

Deno.test("One load brings the slots that do not depend on each other, however many there are", async () => {
  for (const count of [3, 100, 1_500]) {
    const base = late(SUMS, slots(count, (slot) => slot * 3));
    const calls = callsOn(World.over(base));
    const sum = BigInt(3 * count * (count + 1) / 2);
    assertEquals(await calls.call({ to: CONTRACT, input: wordHex(BigInt(count)) }), wordHex(sum));
    assertEquals(base.loads, 2, "the accounts, then the slots");
    assertEquals(await calls.call({ to: CONTRACT, input: wordHex(BigInt(count)) }), wordHex(sum));
    assertEquals(base.loads, 2, "nothing is loaded twice");
  }
});

Deno.test("The number of loads is the depth of dependence", async () => {
  const base = late(FOLLOWS, slots(6, (slot) => slot === 6 ? 0 : slot + 1));
  assertEquals(await callsOn(World.over(base)).call({ to: CONTRACT, input: wordHex(1n) }), wordHex(6n));
  assertEquals(base.loads, 7, "the accounts, then six slots of which each names the next");
});

Deno.test("An attempt that has no end without the true values is ended, and repeated with them", async () => {
  const base = late(WAITS, [[wordHex(0n), wordHex(5n)]]);
  assertEquals(await callsOn(World.over(base)).call({ to: CONTRACT, gas: 40_000_000n }), wordHex(5n));
  assertEquals(base.loads, 2);
});

Deno.test("What an attempt took for nothing is not found by the next run", async () => {
  const base = late(SUMS, slots(5, (slot) => slot));
  const world = World.over(base);
  const calls = callsOn(world);
  assertEquals(await calls.call({ to: CONTRACT, input: wordHex(5n) }), wordHex(15n));
  assertEquals(await calls.call({ to: CONTRACT, input: wordHex(3n) }), wordHex(6n));
  assertEquals(await callsOn(world.withEmptyAccount(BOB)).call({ to: CONTRACT, input: wordHex(4n) }), wordHex(10n));
});

Deno.test("An estimate and an access list over a base are those of the whole state", async () => {
  const storage = slots(40, (slot) => slot);
  const whole = callsOn(worldWith(SUMS).withStorage(CONTRACT, storage));
  const request = { from: ALICE, to: CONTRACT, input: wordHex(40n) };
  const base = late(SUMS, storage);
  assertEquals(await callsOn(World.over(base)).estimate(request), await whole.estimate(request));
  assertEquals(base.loads, 2);
  const other = late(SUMS, storage);
  assertEquals((await callsOn(World.over(other)).accessList(request)).text, (await whole.accessList(request)).text);
  assertEquals(other.loads, 2);
});

Deno.test("A call that fails over a base fails as it does on the whole state", async () => {
  const base = late("5f545f525f5ffd", []);
  const error = await assertRejects(() => callsOn(World.over(base)).call({ to: CONTRACT }), RpcError);
  assertEquals([error.code, error.message], [3, "execution reverted"]);
});

/** A base that knows what calls read. */
class ForeseeingBase extends LateBase {
  readonly asked: ForeseenCall[] = [];
  readonly foreseen = new Misses();

  foresee(call: ForeseenCall): Promise<Misses> {
    this.asked.push(call);
    return Promise.resolve(this.foreseen);
  }
}

Deno.test("A base that foresees what a cold call reads is asked once, and its answer is loaded beside the attempts", async () => {
  const base = new ForeseeingBase(
    worldWith(FOLLOWS).withStorage(CONTRACT, slots(6, (slot) => slot === 6 ? 0 : slot + 1)),
  );
  for (let slot = 1n; slot <= 6n; slot++) base.foreseen.addSlot(CONTRACT, slot);
  const calls = callsOn(World.over(base));
  assertEquals(await calls.call({ to: CONTRACT, input: wordHex(1n) }), wordHex(6n));
  assertEquals(base.asked.map(({ to }): Address | null => to), [CONTRACT]);
  assert(base.loads < 7, `${base.loads} loads`);
  assertEquals(await calls.call({ to: CONTRACT, input: wordHex(2n) }), wordHex(6n));
  assertEquals(base.asked.length, 1, "a call whose accounts are at hand is not asked about");
});

Deno.test("An error that has nothing to do with what is missing ends the attempts", async () => {
  const base = new LateBase(World.empty());
  const waiting = { during: (load: (signal: undefined) => Promise<void>) => load(undefined) };
  await assertRejects(() => attempts(base, () => Promise.reject(new Error("other")), waiting), Error, "other");
  let attempt = 0;
  const result = await attempts(base, (noted) => {
    if (attempt++ > 0) return Promise.resolve("done");
    noted.accounts.add(addressOf("11"));
    return Promise.reject(new Error("because something was missing"));
  }, waiting);
  assertEquals([result, attempt, base.loads], ["done", 2, 1]);
});
