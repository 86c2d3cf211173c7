import { assertEquals, assertStrictEquals } from "@std/assert";
import { RLP } from "npm:@ethereumjs/rlp@10.1.3";
import { MerklePatriciaTrie } from "npm:@ethereumjs/mpt@10.1.3";
import { keccak256 } from "../../src/crypto/keccak.ts";
import { World } from "../../src/state/world.ts";
import type { Address, Hash } from "../../src/eth/types.ts";
import { randomBytes, seeded } from "../chain/seeded.ts";
import { bytesToHex, hexToBytes } from "../../src/primitives/hex.ts";

const slot = (value: number) => `0x${value.toString(16).padStart(64, "0")}` as Hash;

interface Model {
  nonce: bigint;
  balance: bigint;
  code: Uint8Array;
  slots: Map<Hash, bigint>;
}

const shortest = (value: bigint) => {
  const hex = value.toString(16);
  return value === 0n ? new Uint8Array(0) : Uint8Array.fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
};

/** The root of the same accounts in the library's trie. */
async function libraryRoot(accounts: ReadonlyMap<Address, Model>): Promise<Hash> {
  const state = new MerklePatriciaTrie({ useKeyHashing: true });
  for (const [address, { nonce, balance, code, slots }] of accounts) {
    const storage = new MerklePatriciaTrie({ useKeyHashing: true });
    for (const [key, value] of slots) {
      if (value !== 0n) await storage.put(hexToBytes(key), RLP.encode(shortest(value)));
    }
    await state.put(
      hexToBytes(address),
      RLP.encode([shortest(nonce), shortest(balance), storage.root(), keccak256(code)]),
    );
  }
  return bytesToHex(state.root());
}

Deno.test("World agrees with the library's tries after random changes", async () => {
  const next = seeded(3);
  const accounts = new Map<Address, Model>();
  const addresses = Array.from({ length: 25 }, () => bytesToHex(randomBytes(20, next)));
  let world = World.empty();
  for (let step = 0; step < 400; step++) {
    const address = addresses[next() % addresses.length] as Address;
    const model = accounts.get(address) ?? { nonce: 0n, balance: 0n, code: new Uint8Array(0), slots: new Map() };
    accounts.set(address, model);
    switch (next() % 5) {
      case 0:
        model.nonce = BigInt(next() % 300) + 1n;
        world = world.withNonce(address, model.nonce);
        break;
      case 1:
        model.balance = BigInt(bytesToHex(randomBytes(1 + next() % 32, next)));
        world = world.withBalance(address, model.balance);
        break;
      case 2:
        model.code = randomBytes(1 + next() % 50, next);
        world = world.withCode(address, model.code);
        break;
      case 3: {
        const key = slot(next() % 20);
        const value = next() % 3 === 0 ? 0n : BigInt(bytesToHex(randomBytes(1 + next() % 32, next)));
        model.slots.set(key, value);
        world = world.withStorage(address, [[key, `0x${value.toString(16).padStart(64, "0")}`]]);
        break;
      }
      default:
        accounts.delete(address);
        world = world.withoutAccount(address);
    }
    const isNothing = model.nonce === 0n && model.balance === 0n && model.code.length === 0 &&
      [...model.slots.values()].every((value) => value === 0n);
    if (isNothing) accounts.delete(address);
    if (step % 20 === 19) assertEquals(world.root(), await libraryRoot(accounts), `step ${step}`);
  }
  for (const [address, model] of accounts) {
    assertEquals(world.nonce(address), model.nonce);
    assertEquals(world.balance(address), model.balance);
    assertEquals(world.code(address), model.code);
    for (const [key, value] of model.slots) assertEquals(BigInt(world.storage(address, key)), value);
  }
  assertEquals(new Set([...world.accounts()].map(([address]) => address)), new Set(accounts.keys()));
});

const A: Address = `0x${"a1".repeat(20)}`;
const B: Address = `0x${"b2".repeat(20)}`;

Deno.test("World stays as it was when a changed one is made of it", () => {
  const before = World.empty().withBalance(A, 5n).withStorage(A, [[slot(1), slot(7)]]);
  const root = before.root();
  const after = before.withBalance(A, 6n).withStorage(A, [[slot(1), slot(0)]]).withNonce(B, 1n);
  assertEquals([before.balance(A), before.storage(A, slot(1)), before.account(B)], [5n, slot(7), undefined]);
  assertEquals([after.balance(A), after.storage(A, slot(1)), after.nonce(B)], [6n, slot(0), 1n]);
  assertEquals(before.root(), root);
});

Deno.test("World drops an account that has nothing left", () => {
  const world = World.empty().withBalance(A, 5n);
  assertEquals(world.withBalance(A, 0n).root(), World.empty().root());
  assertEquals(world.withBalance(A, 0n).account(A), undefined);
});

Deno.test("World keeps one copy of the same code", () => {
  const code = Uint8Array.of(1, 2, 3);
  const world = World.empty().withCode(A, code).withCode(B, code.slice());
  assertStrictEquals(world.code(A), world.code(B));
});

Deno.test("World walks all slots with their keys, in the order of the hashed keys, from any of them", () => {
  const slots = Array.from({ length: 40 }, (_, index) => [slot(index), slot(index + 1)] as const);
  const world = World.empty().withStorage(A, slots).withBalance(A, 1n);
  assertEquals(new Map(world.slots(A)), new Map(slots));
  const ordered = [...world.slotsFrom(A, "")].map(({ hashedKey }) => hashedKey);
  assertEquals(ordered, ordered.toSorted());
  assertEquals(ordered, slots.map(([key]) => bytesToHex(keccak256(hexToBytes(key)))).toSorted());
  const middle = hexToBytes(ordered[20] ?? slot(0));
  const rest = [...world.slotsFrom(A, String.fromCharCode(...middle))].map(({ hashedKey }) => hashedKey);
  assertEquals(rest, ordered.slice(20));
});

Deno.test("World proves an account, a slot, and the absence of either", () => {
  let world = World.empty();
  const next = seeded(9);
  for (let i = 0; i < 50; i++) world = world.withBalance(bytesToHex(randomBytes(20, next)), 1n);
  world = world.withBalance(A, 3n).withStorage(A, [[slot(4), slot(5)]]);
  const proof = world.proof(A, [slot(4), slot(6)]);
  assertEquals(bytesToHex(keccak256(proof.proof[0] ?? new Uint8Array(0))), world.root());
  assertEquals(proof.account?.balance, 3n);
  assertEquals(proof.slots.map(({ value }) => value), [5n, 0n]);
  assertEquals(bytesToHex(keccak256(proof.slots[0]?.proof[0] ?? new Uint8Array(0))), proof.storageRoot);
  const absent = world.proof(B, [slot(0)]);
  assertEquals([absent.account, absent.slots[0]?.proof.length], [undefined, 0]);
  assertEquals(bytesToHex(keccak256(absent.proof[0] ?? new Uint8Array(0))), world.root());
});
