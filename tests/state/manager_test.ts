import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { StateManager } from "../../src/state/manager.ts";
import { World } from "../../src/state/world.ts";
import type { Address, Hash } from "../../src/eth/types.ts";
import { seeded } from "../chain/seeded.ts";

const slot = (value: number | bigint) => `0x${value.toString(16).padStart(64, "0")}` as Hash;
const addressOf = (index: number) => `0x${(index + 1).toString(16).padStart(40, "0")}` as Address;

/** The same operations on plain maps that are copied for each checkpoint. */
interface Model {
  balances: Map<Address, bigint>;
  slots: Map<string, bigint>;
}

Deno.test("StateManager does what copied maps do under 20,000 random writes, checkpoints and ends", () => {
  const next = seeded(5);
  let world = World.empty();
  const manager = new StateManager(world);
  let model: Model = { balances: new Map(), slots: new Map() };
  const saved: Model[] = [];
  const check = () => {
    for (let index = 0; index < 8; index++) {
      const address = addressOf(index);
      assertEquals(manager.balance(address), model.balances.get(address) ?? 0n);
      for (let key = 0; key < 6; key++) {
        assertEquals(manager.slot(address, BigInt(key)), model.slots.get(`${address}/${key}`) ?? 0n);
      }
    }
  };
  for (let step = 0; step < 20_000; step++) {
    const address = addressOf(next() % 8);
    switch (next() % 9) {
      case 0:
      case 1: {
        const balance = BigInt(next() % 1000) + 1n;
        manager.setBalance(address, balance);
        model.balances.set(address, balance);
        break;
      }
      case 2:
      case 3:
      case 4: {
        const key = next() % 6;
        const value = BigInt(next() % 4);
        if (!model.balances.has(address)) break;
        manager.setSlot(address, BigInt(key), value);
        model.slots.set(`${address}/${key}`, value);
        break;
      }
      case 5:
        manager.mark();
        saved.push({ balances: new Map(model.balances), slots: new Map(model.slots) });
        break;
      case 6:
        if (saved.pop() !== undefined) manager.release();
        break;
      case 7: {
        const before = saved.pop();
        if (before === undefined) break;
        manager.rollback();
        model = before;
        break;
      }
      default:
        manager.setAccount(address, undefined);
        model.balances.delete(address);
        for (let key = 0; key < 6; key++) model.slots.delete(`${address}/${key}`);
    }
    if (step % 500 === 499) {
      check();
      while (saved.pop() !== undefined) manager.release();
      world = manager.flush();
      check();
      let fresh = World.empty();
      for (const [of, balance] of model.balances) fresh = fresh.withBalance(of, balance);
      for (const [name, value] of model.slots) {
        const [of, key] = name.split("/") as [Address, string];
        fresh = fresh.withStorage(of, [[slot(BigInt(key)), slot(value)]]);
      }
      assertEquals(world.root(), fresh.root(), `step ${step}`);
    }
  }
});

const A = addressOf(0);

Deno.test("StateManager knows what a slot was at the start of the transaction", () => {
  const manager = new StateManager(World.empty().withBalance(A, 1n).withStorage(A, [[slot(1), slot(5)]]));
  manager.startTransaction();
  manager.setSlot(A, 1n, 6n);
  manager.mark();
  manager.setSlot(A, 1n, 7n);
  manager.rollback();
  assertEquals([manager.slot(A, 1n), manager.originalSlot(A, 1n), manager.originalSlot(A, 2n)], [6n, 5n, 0n]);
  manager.startTransaction();
  assertEquals(manager.originalSlot(A, 1n), 6n);
});

Deno.test("StateManager makes no new world when nothing changed", () => {
  const world = World.empty().withBalance(A, 1n).withStorage(A, [[slot(1), slot(5)]]);
  const manager = new StateManager(world);
  manager.slot(A, 1n);
  manager.mark();
  manager.setSlot(A, 1n, 9n);
  manager.setBalance(A, 4n);
  manager.rollback();
  assertStrictEquals(manager.flush(), world);
});

Deno.test("StateManager gives a new contract empty storage, also where one was before", () => {
  const manager = new StateManager(World.empty().withBalance(A, 1n).withStorage(A, [[slot(1), slot(5)]]));
  manager.dropStorage(A);
  assertEquals([manager.slot(A, 1n), manager.hasStorage(A)], [0n, false]);
  manager.setSlot(A, 2n, 3n);
  assertEquals([...manager.flush().slots(A)], [[slot(2), slot(3)]]);
});

Deno.test("StateManager refuses to flush inside a checkpoint, and to end one that is not open", () => {
  const manager = new StateManager(World.empty());
  assertThrows(() => manager.rollback(), Error, "no checkpoint");
  assertThrows(() => manager.release(), Error, "no checkpoint");
  manager.mark();
  assertThrows(() => manager.flush(), Error, "flush inside a checkpoint");
});
