import { assertEquals, assertStrictEquals } from "@std/assert";
import { CoreState } from "../../src/evm/core_state.ts";
import { Instance } from "../../src/evm/instance.ts";
import { World } from "../../src/state/world.ts";
import type { Address, Hash } from "../../src/eth/types.ts";
import { seeded } from "../chain/seeded.ts";

const slot = (value: number | bigint) => `0x${value.toString(16).padStart(64, "0")}` as Hash;
const addressOf = (index: number) => `0x${(index + 1).toString(16).padStart(40, "0")}` as Address;

function stateOn(world: World): CoreState {
  const state = new CoreState(new Instance());
  state.use(world);
  return state;
}

/** The same operations on plain maps that are copied for each checkpoint. */
interface Model {
  balances: Map<Address, bigint>;
  slots: Map<string, bigint>;
}

Deno.test("CoreState does what copied maps do under 20,000 random writes, marks and ends", () => {
  const next = seeded(5);
  let world = World.empty();
  const state = stateOn(world);
  let model: Model = { balances: new Map(), slots: new Map() };
  const saved: (Model & { mark: number })[] = [];
  const check = () => {
    for (let index = 0; index < 8; index++) {
      const address = addressOf(index);
      assertEquals(state.balance(address), model.balances.get(address) ?? 0n);
      for (let key = 0; key < 6; key++) {
        assertEquals(state.slot(address, BigInt(key)), model.slots.get(`${address}/${key}`) ?? 0n);
      }
    }
  };
  for (let step = 0; step < 20_000; step++) {
    const address = addressOf(next() % 8);
    switch (next() % 9) {
      case 0:
      case 1: {
        const balance = BigInt(next() % 1000) + 1n;
        state.setBalance(address, balance);
        model.balances.set(address, balance);
        break;
      }
      case 2:
      case 3:
      case 4: {
        const key = next() % 6;
        const value = BigInt(next() % 4);
        if (!model.balances.has(address)) break;
        state.setSlot(address, BigInt(key), value);
        model.slots.set(`${address}/${key}`, value);
        break;
      }
      case 5:
        saved.push({
          balances: new Map(model.balances),
          slots: new Map(model.slots),
          mark: state.instance.core.mark(),
        });
        break;
      case 6:
        saved.pop();
        break;
      case 7: {
        const before = saved.pop();
        if (before === undefined) break;
        state.instance.core.undo(before.mark);
        model = before;
        break;
      }
      default:
        // Accounts go at the end of a transaction, when nothing can be undone any more.
        if (saved.length !== 0) break;
        state.remove(address);
        model.balances.delete(address);
        for (let key = 0; key < 6; key++) model.slots.delete(`${address}/${key}`);
    }
    if (step % 500 === 499) {
      check();
      saved.length = 0;
      world = state.flush();
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

Deno.test("CoreState makes no new world when nothing changed", () => {
  const world = World.empty().withBalance(A, 1n).withStorage(A, [[slot(1), slot(5)]]);
  const state = stateOn(world);
  const mark = state.instance.core.mark();
  state.setSlot(A, 1n, 9n);
  state.setBalance(A, 4n);
  state.instance.core.undo(mark);
  assertStrictEquals(state.flush(), world);
});

Deno.test("CoreState goes back to its world when a run is over, and keeps what was read", () => {
  const world = World.empty().withBalance(A, 1n).withStorage(A, [[slot(1), slot(5)]]);
  const state = stateOn(world);
  state.setSlot(A, 1n, 9n);
  state.setCode(A, Uint8Array.of(1));
  state.dropStorage(A);
  state.setSlot(A, 2n, 7n);
  state.setNonce(addressOf(1), 3n);
  state.restore();
  assertEquals([state.slot(A, 1n), state.slot(A, 2n), state.balance(A), state.nonce(addressOf(1))], [5n, 0n, 1n, 0n]);
  assertEquals([state.code(A).bytes.length, state.exists(addressOf(1))], [0, false]);
  assertStrictEquals(state.flush(), world);
});

Deno.test("CoreState gives an account empty storage, also where some was before", () => {
  const state = stateOn(World.empty().withBalance(A, 1n).withStorage(A, [[slot(1), slot(5)]]));
  state.dropStorage(A);
  assertEquals(state.slot(A, 1n), 0n);
  state.setSlot(A, 2n, 3n);
  assertEquals([...state.flush().slots(A)], [[slot(2), slot(3)]]);
  assertEquals([state.slot(A, 1n), state.slot(A, 2n)], [0n, 3n]);
});

Deno.test("CoreState reads another world once it is put on it", () => {
  const state = stateOn(World.empty().withBalance(A, 1n).withStorage(A, [[slot(1), slot(5)]]));
  assertEquals([state.balance(A), state.slot(A, 1n)], [1n, 5n]);
  state.use(World.empty().withBalance(A, 2n));
  assertEquals([state.balance(A), state.slot(A, 1n)], [2n, 0n]);
});
