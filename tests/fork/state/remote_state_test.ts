import { assertEquals, assertRejects } from "@std/assert";
import { RemoteState } from "../../../src/fork/state/remote_state.ts";
import { RunAborted } from "../../../src/concurrency/pacer.ts";
import { CODE, RpcError } from "../../../src/rpc/error.ts";
import { Misses, MISSING } from "../../../src/state/base.ts";
import { World } from "../../../src/state/world.ts";
import { wordHex } from "../../../src/primitives/hex.ts";
import type { Address } from "../../../src/primitives/types.ts";
import { ScriptedSource } from "./scripted_source.ts";

const A: Address = `0x${"aa".repeat(20)}`;
const B: Address = `0x${"bb".repeat(20)}`;
const NOBODY: Address = `0x${"77".repeat(20)}`;
const CODE_BYTES = Uint8Array.fromHex("5f5ffd");

function setUp(options?: ConstructorParameters<typeof RemoteState>[1]) {
  const source = new ScriptedSource(
    World.empty().withBalance(A, 5n).withNonce(A, 2n).withCode(A, CODE_BYTES)
      .withStorage(A, Array.from({ length: 2_000 }, (_, slot) => [wordHex(BigInt(slot)), wordHex(BigInt(slot * 2))]))
      .withBalance(B, 1n),
  );
  return { source, state: new RemoteState(source, options) };
}

function wanted(
  { accounts = [], slots = [], hashes = [] }: {
    accounts?: readonly Address[];
    slots?: readonly bigint[];
    hashes?: readonly bigint[];
  },
): Misses {
  const misses = new Misses();
  for (const address of accounts) misses.accounts.add(address);
  for (const slot of slots) misses.addSlot(A, slot);
  for (const number of hashes) misses.blockHashes.add(number);
  return misses;
}

function range(count: number): bigint[] {
  return Array.from({ length: count }, (_, slot) => BigInt(slot));
}

Deno.test("Accounts, slots and block hashes are missing until they were loaded, and are asked for once", async () => {
  const { source, state } = setUp();
  assertEquals([state.account(A), state.slot(A, 3n), state.blockHash(900n)], [MISSING, MISSING, MISSING]);
  const misses = wanted({ accounts: [A, B, NOBODY], slots: range(3), hashes: [900n] });
  await state.load(misses);
  const account = state.account(A);
  if (account === MISSING || account === undefined) throw new Error("no account");
  assertEquals([account.balance, account.nonce, account.code.bytes, account.hasStorage], [5n, 2n, CODE_BYTES, true]);
  assertEquals(state.account(NOBODY), undefined);
  assertEquals([state.slot(A, 2n), state.slot(NOBODY, 1n)], [4n, 0n]);
  assertEquals(state.blockHash(900n), wordHex(900n));
  const count = source.questions.length;
  assertEquals(count, 3 * 3 + 1 + 2, "three for each account, one for the slots, two for the hash");
  await state.load(misses);
  assertEquals(source.questions.length, count);
});

Deno.test("An account that only has a balance has no slots, so that a contract can be created there", async () => {
  const { state } = setUp();
  await state.load(wanted({ accounts: [B] }));
  const account = state.account(B);
  assertEquals(account === MISSING ? account : account?.hasStorage, false);
});

Deno.test("More than 1,024 slots are asked for in several questions", async () => {
  const { source, state } = setUp();
  await state.load(wanted({ slots: range(1_500) }));
  assertEquals(source.questions, ["getStorageValues", "getStorageValues"]);
  assertEquals(range(1_500).map((slot) => state.slot(A, slot)), range(1_500).map((slot) => slot * 2n));
});

Deno.test("Where no upstream knows eth_getStorageValues, slots are asked for one by one, and it is not tried again", async () => {
  const { source, state } = setUp();
  source.unknown.add("eth_getStorageValues");
  await state.load(wanted({ slots: range(3) }));
  assertEquals(source.questions, ["getStorageValues", ...Array(3).fill("getStorageAt")]);
  await state.load(wanted({ slots: [5n, 6n] }));
  assertEquals(source.questions.slice(4), ["getStorageAt", "getStorageAt"]);
  assertEquals(state.slot(A, 6n), 12n);
});

Deno.test("An answer that is no list of words is not believed", async () => {
  const { source, state } = setUp();
  source.answers.set("eth_getStorageValues", { [A]: ["0x1"] });
  await state.load(wanted({ slots: range(2) }));
  assertEquals([state.slot(A, 0n), state.slot(A, 1n)], [0n, 2n], "asked for one by one instead");
  source.answers.set("eth_getBalance", "0xzz");
  const error = await assertRejects(() => state.load(wanted({ accounts: [A] })), RpcError);
  assertEquals(
    error.message,
    `account ${A} at block 1000 is not here: the upstream answered eth_getBalance with something else than it must be`,
  );
  assertEquals(state.account(A), MISSING);
});

Deno.test("Two callers that need the same value ask once, and one that leaves does not take it from the other", async () => {
  const { source, state } = setUp();
  const release = source.hold();
  const leaving = new AbortController();
  const first = state.load(wanted({ accounts: [A], slots: range(3) }), leaving.signal);
  const second = state.load(wanted({ accounts: [A], slots: [2n] }));
  leaving.abort(new Error("gone"));
  await assertRejects(() => first, Error, "gone");
  release();
  await second;
  assertEquals(source.questions.length, 4);
  assertEquals([state.slot(A, 2n), state.slot(A, 0n)], [4n, 0n]);
});

Deno.test("What failed is asked for again, with the upstream's reason for the one who asked", async () => {
  const { source, state } = setUp();
  source.errors.set("eth_getCode", new RpcError(CODE.timeout, "no upstream can answer (one: no answer in 10000 ms)"));
  const error = await assertRejects(() => state.load(wanted({ accounts: [A] })), RpcError);
  assertEquals(
    [error.code, error.message],
    [-32002, `account ${A} at block 1000 is not here: no upstream can answer (one: no answer in 10000 ms)`],
  );
  await state.load(wanted({ accounts: [A] }));
  assertEquals(state.account(A) === MISSING, false);
});

Deno.test("A run whose time is over while it waits says what it waited for", async () => {
  const { source, state } = setUp();
  source.hold();
  const deadline = new AbortController();
  const load = state.load(wanted({ accounts: [A] }), deadline.signal);
  deadline.abort(new RunAborted(true));
  const error = await assertRejects(() => load, RpcError);
  assertEquals(error.message, `account ${A} at block 1000 did not come in time from the upstream`);
});

Deno.test("The hash of a block is not taken from a branch without the forked block", async () => {
  const { source, state } = setUp();
  source.answers.set("eth_getBlockByNumber", { hash: wordHex(1n) });
  const error = await assertRejects(() => state.load(wanted({ hashes: [900n] })), RpcError);
  assertEquals(
    error.message,
    `the hash of block 900 at block 1000 is not here: ` +
      `block ${source.block.hash}, which this chain forks, is no longer part of the upstream's chain`,
  );
});

Deno.test("What a call reads is foreseen where the upstream knows eth_createAccessList, else nothing is", async () => {
  const call = { from: B, to: A, value: 0n, data: new Uint8Array([1]) };
  const { source, state } = setUp();
  assertEquals((await state.foresee(call)).isEmpty, true);
  assertEquals((await state.foresee(call)).isEmpty, true);
  assertEquals(source.questions, ["createAccessList"], "an unknown method is not tried again");
  const other = setUp();
  other.source.unknown.clear();
  other.source.answers.set("eth_createAccessList", {
    accessList: [{ address: A.toUpperCase().replace("0X", "0x"), storageKeys: [wordHex(7n)] }],
    gasUsed: "0x1",
  });
  const foreseen = await other.state.foresee(call);
  assertEquals([[...foreseen.accounts], [...foreseen.slots]], [[A], [[A, new Set([7n])]]]);
});

Deno.test("The memory is bounded: what was not read for long is forgotten, and what was read lately is not", async () => {
  const { source, state } = setUp({ maxBytes: 200 * 2 * 2 * 100 });
  await state.load(wanted({ slots: range(50) }));
  for (let at = 100n; at < 400n; at += 50n) {
    assertEquals(state.slot(A, 0n), 0n, "read now and then");
    await state.load(wanted({ slots: range(50).map((slot) => slot + at) }));
  }
  assertEquals(state.slot(A, 1n), MISSING);
  const count = source.questions.length;
  await state.load(wanted({ slots: [1n] }));
  assertEquals([state.slot(A, 1n), source.questions.length], [2n, count + 1]);
});
