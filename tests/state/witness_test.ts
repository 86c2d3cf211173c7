import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { type Misses, MissingState, type StateBase } from "../../src/state/base.ts";
import { WitnessTries } from "../../src/state/witness/witness_tries.ts";
import { ProofNodeError, readProofNode } from "../../src/state/witness/proof_node.ts";
import { World } from "../../src/state/world.ts";
import { wordHex } from "../../src/primitives/hex.ts";
import type { Address, Hash } from "../../src/primitives/types.ts";
import { LateBase } from "../support/late_base.ts";
import { Random } from "../support/random.ts";

/** A base whose tries are shown by proofs of the whole state, one account and its slots at a time. */
class ProvingBase extends LateBase implements StateBase {
  readonly tries: WitnessTries;
  /** The paths that no proof of a key shows, each once. */
  readonly beside = new Set<string>();
  proofs = 0;
  readonly #whole: World;

  constructor(whole: World) {
    super(whole);
    this.#whole = whole;
    this.tries = new WitnessTries(whole.root());
  }

  override async load(misses: Misses, signal?: AbortSignal): Promise<void> {
    await super.load(misses, signal);
    for (const { address, slot, key, path } of misses.proofs) {
      this.proofs++;
      const slots: Hash[] = slot === undefined ? [] : [wordHex(slot)];
      this.#show(address, slots);
      if (path.split("").some((nibble, at) => nibble.charCodeAt(0) !== nibbleAt(key, at))) {
        this.beside.add(path);
        this.#showBeside({ address, slot, path });
      }
    }
  }

  #show(address: Address, slots: readonly Hash[]): void {
    const { proof, slots: proven } = this.#whole.proof(address, slots);
    this.tries.show(proof);
    for (const slot of proven) this.tries.show(slot.proof);
  }

  /** Shows everything that begins with a path: what a node that knows no preimages has to look for. */
  #showBeside(
    { address, slot, path }: Misses["proofs"][number] | { address: Address; slot: bigint | undefined; path: string },
  ) {
    if (slot === undefined) {
      for (const [other] of this.#whole.accounts()) this.#show(other, []);
    } else {
      const slots = [...this.#whole.slots(address)].map(([each]) => each);
      this.#show(address, slots);
    }
    assertNotEquals(path, "");
  }
}

function nibbleAt(key: string, index: number): number {
  const byte = key.charCodeAt(index >> 1);
  return (index & 1) === 0 ? byte >> 4 : byte & 15;
}

async function loaded<T>(base: StateBase, read: () => T): Promise<T> {
  for (let round = 0; round < 20; round++) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MissingState)) throw error;
      await base.load(error.misses);
    }
  }
  throw new Error("the state is never loaded");
}

function addressOf(random: Random, count: number): Address {
  return `0x${(random.below(count) + 1).toString(16).padStart(40, "0")}`;
}

function wholeWorld(random: Random): World {
  let world = World.empty();
  for (let index = 0; index < 60; index++) {
    const address = addressOf(random, 80);
    world = world.withBalance(address, BigInt(1 + random.below(1_000))).withNonce(address, 1n);
    const slots = Array.from({ length: random.below(40) }, (): [Hash, Hash] => [
      wordHex(BigInt(random.below(60))),
      wordHex(BigInt(random.below(5))),
    ]);
    world = world.withStorage(address, slots);
  }
  return world;
}

function changed(world: World, random: Random): World {
  const address = addressOf(random, 90);
  switch (random.below(6)) {
    case 0:
      return world.withoutAccount(address);
    case 1:
      return world.withNonce(address, BigInt(random.below(5)));
    case 2:
      return world.withBalance(address, BigInt(random.below(3)));
    case 3:
      return world.withoutStorage(address);
    default: {
      const slots = Array.from({ length: 1 + random.below(4) }, (): [Hash, Hash] => [
        wordHex(BigInt(random.below(70))),
        wordHex(BigInt(random.below(3))),
      ]);
      return world.withStorage(address, slots);
    }
  }
}

Deno.test("The root over a base of which only proofs are known is that of the whole state, after each of many changes", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const whole = wholeWorld(new Random(seed));
    const base = new ProvingBase(whole);
    let [expected, world] = [whole, World.over(base)];
    assertEquals(world.root(), whole.root(), "nothing has to be known of a state that was not changed");
    for (let step = 0; step < 40; step++) {
      const at = seed * 1_000 + step;
      expected = changed(expected, new Random(at));
      world = await loaded(base, () => changed(world, new Random(at)));
      // Not each time, so that several changes are merged at once.
      if (step % 3 === 0) {
        assertEquals(await loaded(base, () => world.root()), expected.root(), `seed ${seed} step ${step}`);
      }
    }
    const address = addressOf(new Random(seed), 80);
    const slots = [wordHex(3n), wordHex(69n)];
    const proof = await loaded(base, () => world.proof(address, slots));
    assertEquals(proof, expected.proof(address, slots));
  }
});

Deno.test("One account is changed with its own proof alone, while nothing is known of the others", async () => {
  const whole = wholeWorld(new Random(7));
  const base = new ProvingBase(whole);
  const [[address] = [undefined]] = whole.accounts();
  if (address === undefined) throw new Error("no account");
  const world = await loaded(base, () => World.over(base).withBalance(address, 77n));
  assertEquals(await loaded(base, () => world.root()), whole.withBalance(address, 77n).root());
  assertEquals(base.proofs, 1);
});

Deno.test("A wrong node is never used: what it should be stays unknown", () => {
  const whole = wholeWorld(new Random(3));
  const tries = new WitnessTries(whole.root());
  const [[address] = [undefined]] = whole.accounts();
  if (address === undefined) throw new Error("no account");
  const { proof } = whole.proof(address, []);
  tries.show(proof.map((node) => node.with(node.length - 1, (node.at(-1) ?? 0) ^ 1)));
  assertEquals(tries.accounts.root().length, 32);
  assertThrows(() => tries.accounts.get("\\0".repeat(32)), Error, "only the hash is known");
});

Deno.test("Bytes that are no node are refused", () => {
  for (
    const hex of ["", "80", "c0", "c2", "c3808080", "c780", "f90211", "c24080", "c22080", "e2a0" + "00".repeat(33)]
  ) {
    assertThrows(() =>
      readProofNode(Uint8Array.fromHex(hex), "", () => {
        throw new ProofNodeError("a child");
      }), ProofNodeError);
  }
});
