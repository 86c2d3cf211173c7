import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Misses, MissingState, readLoaded } from "../../src/state/base.ts";
import { World } from "../../src/state/world.ts";
import { addressHex, wordHex } from "../../src/primitives/hex.ts";
import { randomBytes, seeded } from "../chain/seeded.ts";
import { LateBase, mergedInto } from "../support/late_base.ts";

const [A, B, C] = [addressHex(0xan), addressHex(0xbn), addressHex(0xcn)];
const CODE = Uint8Array.of(0x60, 0x01);

function remote(): World {
  return World.empty()
    .withBalance(A, 5n).withNonce(A, 2n)
    .withCode(B, CODE).withStorage(B, [[wordHex(1n), wordHex(7n)], [wordHex(2n), wordHex(8n)]]);
}

Deno.test("What the base has yet to load is missing, is loaded once, and then is there", async () => {
  const base = new LateBase(remote());
  const world = World.over(base);
  assertThrows(() => world.balance(A), MissingState);
  const read = () => [world.balance(A), world.nonce(A), world.code(B), world.storage(B, wordHex(1n)), world.account(C)];
  assertEquals(await readLoaded(base, { read }), [5n, 2n, CODE, wordHex(7n), undefined]);
  assertEquals([base.loads, base.values], [4, 4]);
  assertEquals(await readLoaded(base, { read }), [5n, 2n, CODE, wordHex(7n), undefined]);
  assertEquals(base.loads, 4);
});

Deno.test("A read that fails for another reason, or whose caller is gone, is not repeated", async () => {
  const base = new LateBase(remote());
  const world = World.over(base);
  await assertRejects(() => readLoaded(base, { read: () => Promise.reject(new Error("other")) }), Error, "other");
  const gone = AbortSignal.abort(new Error("gone"));
  await assertRejects(() => readLoaded(base, { read: () => world.balance(A), signal: gone }), Error, "gone");
  assertEquals(base.loads, 0);
});

async function loaded(): Promise<World> {
  const base = new LateBase(remote());
  const misses = new Misses();
  for (const address of [A, B, C]) misses.accounts.add(address);
  for (const slot of [1n, 2n, 3n]) misses.addSlot(B, slot);
  await base.load(misses);
  return World.over(base);
}

Deno.test("A changed account keeps what was not changed, and a slot that was cleared here hides the base's", async () => {
  const world = (await loaded()).withBalance(A, 9n).withStorage(B, [[wordHex(1n), wordHex(0n)]]);
  assertEquals([world.balance(A), world.nonce(A)], [9n, 2n]);
  assertEquals([1n, 2n, 3n].map((slot) => world.storage(B, wordHex(slot))), [wordHex(0n), wordHex(8n), wordHex(0n)]);
  assertEquals([...world.slots(B)], []);
  assertEquals([...world.withStorage(B, [[wordHex(2n), wordHex(6n)]]).slots(B)], [[wordHex(2n), wordHex(6n)]]);
  assertEquals(world.code(B), CODE);
});

Deno.test("An account that was removed here stays removed, and one made anew in its place has none of its slots", async () => {
  const removed = (await loaded()).withoutAccount(A).withoutAccount(B);
  assertEquals([removed.account(A), removed.account(B), [...removed.accounts()]], [undefined, undefined, []]);
  const again = removed.withBalance(B, 1n);
  assertEquals([again.balance(B), again.code(B).length, again.storage(B, wordHex(1n))], [1n, 0, wordHex(0n)]);
  assertEquals([...again.accounts()].map(([address]) => address), [B]);
});

Deno.test("An account that loses all it has is removed, also where the base has it (EIP-161)", async () => {
  const world = (await loaded()).withBalance(A, 0n).withNonce(A, 0n);
  assertEquals(world.account(A), undefined);
  assertEquals([...world.changes()], [[A, undefined]]);
});

Deno.test("A storage that was dropped here hides all slots of the base", async () => {
  const world = (await loaded()).withoutStorage(B).withStorage(B, [[wordHex(3n), wordHex(1n)]]);
  assertEquals([1n, 2n, 3n].map((slot) => world.storage(B, wordHex(slot))), [wordHex(0n), wordHex(0n), wordHex(1n)]);
});

Deno.test("A world over a base refuses to prove what it does not know", async () => {
  const world = await loaded();
  assertThrows(() => world.proof(A, []), Error, "a world over a base without tries has no proofs");
});

Deno.test("Random changes over a base give the same state as on the whole world", async () => {
  const next = seeded(11);
  const addresses = Array.from({ length: 12 }, (_, index) => addressHex(BigInt(index + 1)));
  const change = (): (to: World) => World => {
    const address = addresses[next() % addresses.length] ?? A;
    const [slot, value] = [wordHex(BigInt(next() % 6)), wordHex(BigInt(next() % 3))];
    const kind = next() % 7;
    const code = randomBytes(next() % 4, next);
    return (to) => {
      if (kind === 0) return to.withBalance(address, BigInt(value));
      if (kind === 1) return to.withNonce(address, BigInt(value));
      if (kind === 2) return to.withCode(address, code);
      if (kind === 3) return to.withoutAccount(address);
      if (kind === 4) return to.withoutStorage(address);
      return to.withStorage(address, [[slot, value]]);
    };
  };
  for (let round = 0; round < 20; round++) {
    let whole = World.empty();
    for (let step = 0; step < 40; step++) whole = change()(whole);
    const base = new LateBase(whole);
    const start = whole;
    let over = World.over(base);
    for (let step = 0; step < 40; step++) {
      const apply = change();
      whole = apply(whole);
      over = await readLoaded(base, { read: () => apply(over) });
    }
    for (const address of addresses) {
      const read = (world: World) => [
        ...[world.balance(address), world.nonce(address), world.code(address)],
        ...[0n, 1n, 2n, 3n, 4n, 5n].map((slot) => world.storage(address, wordHex(slot))),
      ];
      assertEquals(await readLoaded(base, { read: () => read(over) }), read(whole));
    }
    assertEquals(mergedInto(start, over).root(), whole.root(), `round ${round}`);
  }
});
