import { assert, assertEquals, assertThrows } from "@std/assert";
import { keccakString } from "../../../src/crypto/keccak.ts";
import type { Address, Hash } from "../../../src/eth/types.ts";
import { wordHex } from "../../../src/primitives/hex.ts";
import { DamagedStateError } from "../../../src/state/stored/damage.ts";
import { linksOf } from "../../../src/state/stored/node_codec.ts";
import { StoredStates } from "../../../src/state/stored/stored_states.ts";
import { World } from "../../../src/state/world.ts";
import { NodeMap } from "../../support/node_map.ts";
import { Random } from "../../support/random.ts";

const SMALL_CACHE = { maxBytes: 20_000 };
const address = (index: number): Address => `0x${index.toString(16).padStart(40, "0")}`;

/** The world with one random account changed in one random way. */
function changed(world: World, random: Random, accounts: number): World {
  const at = address(random.below(accounts));
  switch (random.below(6)) {
    case 0:
      return world.withNonce(at, BigInt(random.below(3)));
    case 1:
      return world.withBalance(at, BigInt(random.below(2 ** 31)) ** BigInt(random.below(8)));
    case 2:
      return world.withCode(at, new Uint8Array(random.below(40)).fill(random.below(5)));
    case 3:
      return random.chance(0.5) ? world.withoutAccount(at) : world.withoutStorage(at);
    default: {
      const slots = Array.from({ length: 1 + random.below(4) }, (): [Hash, Hash] => [
        wordHex(BigInt(random.below(30))),
        wordHex(random.chance(0.4) ? 0n : BigInt(random.below(1000))),
      ]);
      return world.withStorage(at, slots);
    }
  }
}

/** All that can be read from a world. */
function contents(world: World) {
  return {
    root: world.root(),
    accounts: [...world.accounts()].map(([at, account]) => ({
      at,
      account,
      code: world.code(at).toHex(),
      slots: [...world.slots(at)],
      proof: world.proof(at, [wordHex(3n)]),
    })),
  };
}

function save(states: StoredStates, { world, into }: { readonly world: World; readonly into: NodeMap }): number {
  const saving = states.saving(into);
  const id = saving.world(world);
  saving.done();
  return id;
}

Deno.test("a stored world reads, changes and proves as one in memory does, through restarts and with a small cache", () => {
  const random = new Random(5);
  const disk = new NodeMap();
  const kept: { id: number; root: Hash; expected: ReturnType<typeof contents> }[] = [];
  let states = new StoredStates(disk, SMALL_CACHE);
  let plain = World.empty();
  let stored = World.empty();
  for (let step = 0; step < 1200; step++) {
    const seed = random.below(2 ** 31);
    plain = changed(plain, new Random(seed), 60);
    stored = changed(stored, new Random(seed), 60);
    assertEquals(stored.root(), plain.root(), `step ${step}`);
    if (random.chance(0.3)) {
      const id = save(states, { world: stored, into: disk });
      if (random.chance(0.1)) kept.push({ id, root: plain.root(), expected: contents(plain) });
      if (random.chance(0.3)) states = new StoredStates(disk, SMALL_CACHE);
      // One half goes on with the world that was saved, one half with what is on disk.
      if (random.chance(0.5)) stored = states.world(id, plain.root());
    }
    if (step % 100 === 0) assertEquals(contents(stored), contents(plain), `step ${step}`);
  }
  assert(kept.length > 20);
  for (const { id, root, expected } of kept) assertEquals(contents(states.world(id, root)), expected);
});

Deno.test("worlds that were made from each other before any of them was saved are saved together, each node once", () => {
  const disk = new NodeMap();
  const states = new StoredStates(disk, SMALL_CACHE);
  const worlds: World[] = [];
  let world = World.empty();
  for (let index = 0; index < 50; index++) {
    world = world.withBalance(address(index), 1n).withStorage(address(7), [[wordHex(BigInt(index)), wordHex(1n)]]);
    worlds.push(world);
  }
  const saving = states.saving(disk);
  const ids = worlds.map((each) => saving.world(each));
  saving.done();
  assertEquals(new Set(ids).size, 50);
  const written = new Set([...disk.nodes.values()].map((bytes) => bytes.toHex()));
  assertEquals(written.size, disk.nodes.size);
  const fresh = new StoredStates(disk, SMALL_CACHE);
  worlds.forEach((each, index) => {
    assertEquals(contents(fresh.world(ids[index] ?? 0, each.root())), contents(each));
  });
});

Deno.test("a saving that is not done leaves its worlds unsaved", () => {
  const disk = new NodeMap();
  const states = new StoredStates(disk, SMALL_CACHE);
  const world = World.empty().withCode(address(1), new Uint8Array(5)).withStorage(address(1), [[
    wordHex(1n),
    wordHex(2n),
  ]]);
  states.saving(disk).world(world);
  const failed = [...disk.nodes.values()];
  disk.nodes.clear();
  disk.codes.clear();
  const id = save(states, { world, into: disk });
  assertEquals(disk.nodes.size, failed.length);
  assertEquals(contents(new StoredStates(disk, SMALL_CACHE).world(id, world.root())), contents(world));
});

Deno.test("a saved world writes nothing again, and one made from it only what differs", () => {
  const disk = new NodeMap();
  const states = new StoredStates(disk, SMALL_CACHE);
  let world = World.empty();
  for (let index = 0; index < 2000; index++) world = world.withBalance(address(index), 1n);
  const id = save(states, { world, into: disk });
  const size = disk.nodes.size;
  assertEquals(save(states, { world, into: disk }), id);
  assertEquals(disk.nodes.size, size);
  save(states, { world: world.withBalance(address(77), 5n), into: disk });
  // The root, at most three branches below it in a trie of 2,000 keys, and the leaf.
  assert(disk.nodes.size - size <= 6, `${disk.nodes.size - size} nodes`);
});

Deno.test("code is read when it is asked for, and written once", () => {
  const disk = new NodeMap();
  const states = new StoredStates(disk, SMALL_CACHE);
  let writes = 0;
  const sink = {
    node: (bytes: Uint8Array) => disk.node(bytes),
    code: (code: Parameters<NodeMap["code"]>[0] & object) => {
      writes++;
      disk.code(code);
    },
  };
  const code = Uint8Array.of(1, 2, 3);
  let world = World.empty().withCode(address(1), code).withCode(address(2), code);
  const first = states.saving(sink);
  first.world(world);
  first.done();
  world = world.withCode(address(3), code);
  const second = states.saving(sink);
  const id = second.world(world);
  second.done();
  assertEquals(writes, 1);
  const reopened = new StoredStates(disk, SMALL_CACHE);
  const stored = reopened.world(id, world.root()).withNonce(address(2), 9n);
  disk.codes.clear();
  assertEquals(stored.account(address(2))?.codeHash, world.account(address(2))?.codeHash);
  assertThrows(() => stored.code(address(2)), Error, "there is no code");
  const third = reopened.saving(sink);
  third.world(stored);
  assertEquals(writes, 1);
});

Deno.test("the cache stays within its bounds while every account of a large world is read", () => {
  const disk = new NodeMap();
  let world = World.empty();
  for (let index = 0; index < 5000; index++) world = world.withBalance(address(index), 1n);
  const states = new StoredStates(disk, { maxBytes: 300_000 });
  const id = save(states, { world, into: disk });
  assert(states.cachedBytes <= 300_000, `${states.cachedBytes} bytes after saving`);
  const stored = states.world(id, world.root());
  for (let index = 0; index < 5000; index++) {
    assertEquals(stored.balance(address(index)), 1n);
    assert(states.cachedBytes <= 300_000, `${states.cachedBytes} bytes`);
  }
  disk.reads = 0;
  for (let round = 0; round < 100; round++) stored.balance(address(5));
  assert(disk.reads <= 5, `${disk.reads} reads of one account`);
});

Deno.test("iteration from a key reads only what it needs", () => {
  const disk = new NodeMap();
  let world = World.empty();
  for (let index = 0; index < 3000; index++) world = world.withBalance(address(index), 1n);
  const id = save(new StoredStates(disk, SMALL_CACHE), { world, into: disk });
  const stored = new StoredStates(disk, SMALL_CACHE).world(id, world.root());
  const all = [...world.accountsFrom("")];
  assertEquals(all.length, 3000);
  const random = new Random(3);
  for (let round = 0; round < 100; round++) {
    const start = random.chance(0.5)
      ? String.fromCharCode(...Array.from({ length: 1 + random.below(32) }, () => random.below(256)))
      : keccakString(Uint8Array.fromHex(address(random.below(3000)).slice(2)));
    const hex = `0x${[...start].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("")}`;
    const expected = all.filter(({ hashedAddress }) => hashedAddress >= hex).slice(0, 5);
    disk.reads = 0;
    const found = [];
    for (const account of stored.accountsFrom(start)) {
      if (found.push(account) === 5) break;
    }
    assertEquals(found, expected, hex);
    assert(disk.reads < 30, `${disk.reads} reads`);
  }
});

Deno.test("nodes that their parents embed are stored inside of them", () => {
  // Two slots whose keys share nine nibbles, so that the rest of each is short enough to be embedded.
  const slots = [247_476n, 515_151n].map((slot): [Hash, Hash] => [wordHex(slot), wordHex(1n)]);
  const disk = new NodeMap();
  const world = World.empty().withStorage(address(1), [...slots, [wordHex(1n), wordHex(1n)]]);
  const id = save(new StoredStates(disk, SMALL_CACHE), { world, into: disk });
  const stored = new StoredStates(disk, SMALL_CACHE).world(id, world.root());
  assertEquals(contents(stored), contents(world));
  // The account; a branch over slot 1 and an extension; the branch with both slots.
  assertEquals(disk.nodes.size, 5);
  const less = stored.withStorage(address(1), [[wordHex(515_151n), wordHex(0n)]]);
  assertEquals(less.root(), world.withStorage(address(1), [[wordHex(515_151n), wordHex(0n)]]).root());
  const states = new StoredStates(disk, SMALL_CACHE);
  assertEquals(contents(states.world(save(states, { world: less, into: disk }), less.root())), contents(less));
});

Deno.test("the links of stored nodes lead from the root to every node and code", () => {
  const disk = new NodeMap();
  const random = new Random(8);
  let world = World.empty();
  for (let step = 0; step < 800; step++) world = changed(world, random, 40);
  const root = save(new StoredStates(disk, SMALL_CACHE), { world, into: disk });
  const reached = new Set<number>();
  const codes = new Set<Hash>();
  const pending = [root];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    reached.add(id);
    const links = linksOf(disk.node(id));
    pending.push(...links.nodes);
    links.codes.forEach((hash) => codes.add(hash));
  }
  assertEquals(reached.size, disk.nodes.size);
  assertEquals([...codes].sort(), [...disk.codes.keys()].sort());
});

Deno.test("a changed bit of a stored node is found out, or concerns only the path of an extension", () => {
  const disk = new NodeMap();
  const random = new Random(12);
  let world = World.empty();
  for (let step = 0; step < 300; step++) world = changed(world, random, 20);
  const id = save(new StoredStates(disk, SMALL_CACHE), { world, into: disk });
  const expected = contents(world);
  let found = 0;
  let unnoticed = 0;
  for (const [node, bytes] of disk.nodes) {
    for (let round = 0; round < 8; round++) {
      const at = random.below(bytes.length);
      const bit = 1 << random.below(8);
      bytes[at] = (bytes[at] ?? 0) ^ bit;
      try {
        assertEquals(
          contents(new StoredStates(disk, SMALL_CACHE).world(id, world.root())),
          expected,
          `node ${node}, byte ${at}`,
        );
        unnoticed++;
      } catch (error) {
        // A link may lead to no node at all, which the source says.
        const isTold = error instanceof DamagedStateError ||
          (error instanceof Error && error.message.startsWith("there is no"));
        if (!isTold) throw error;
        found++;
      }
      bytes[at] = (bytes[at] ?? 0) ^ bit;
    }
  }
  assert(found > 0 && unnoticed < found / 20, `${found} found, ${unnoticed} not`);
});
