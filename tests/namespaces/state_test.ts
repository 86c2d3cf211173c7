import { assertEquals } from "@std/assert";
import { ethStateRows } from "../../src/namespaces/eth/state.ts";
import type { StateReader } from "../../src/node/mod.ts";
import { TestClient } from "../support/test_client.ts";
import { recorder } from "../support/recorder.ts";

const ADDRESS = `0x${"aa".repeat(20)}`;
const OTHER = `0x${"bb".repeat(20)}`;
const HASH = `0x${"cc".repeat(32)}`;
const SLOT = `0x${"00".repeat(31)}01`;
const ZERO = `0x${"00".repeat(32)}`;

function client(answers: { readonly [method: string]: unknown }) {
  const { role, calls } = recorder<StateReader>(answers);
  return { calls, caller: new TestClient([{ namespace: "eth", methods: ethStateRows({ state: role }) }]) };
}

Deno.test("State reads are about the latest block unless another is named", async () => {
  const { caller, calls } = client({ balance: "0x1", nonce: "0x2", code: "0x", storage: ZERO, proof: null });
  for (const method of ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"]) {
    await caller.result(method, [ADDRESS]);
    await caller.result(method, [ADDRESS, null]);
    await caller.result(method, [ADDRESS, { blockHash: HASH, requireCanonical: true }]);
  }
  await caller.result("eth_getStorageAt", [ADDRESS, "0x1"]);
  await caller.result("eth_getProof", [ADDRESS, []]);
  const latest = { tag: "latest" };
  const byHash = { hash: HASH, requireCanonical: true };
  assertEquals(calls, [
    ...["balance", "nonce", "code"].flatMap((name) => [latest, latest, byHash].map((at) => [name, ADDRESS, at])),
    ["storage", ADDRESS, SLOT, latest],
    ["proof", ADDRESS, [], latest],
  ]);
  caller[Symbol.dispose]();
});

Deno.test("eth_getStorageAt takes short keys and refuses what is no key before the state is touched", async () => {
  const { caller, calls } = client({ storage: ZERO });
  assertEquals(await caller.result("eth_getStorageAt", [ADDRESS, "1", "latest"]), ZERO);
  const { error } = await caller.call("eth_getStorageAt", [ADDRESS, "0xasdf", "latest"]);
  assertEquals(error, { code: -32602, message: 'invalid hex in storage key: "0xasdf"' });
  assertEquals(calls.length, 1);
  caller[Symbol.dispose]();
});

Deno.test("eth_getStorageValues answers each slot under its account, in the order asked for", async () => {
  const { caller } = client({ storage: (_account: string, slot: string) => slot });
  const request = { [OTHER]: [SLOT, ZERO, SLOT], [ADDRESS.toUpperCase().replace("0X", "0x")]: [] };
  const answer = await caller.result("eth_getStorageValues", [request]);
  assertEquals(JSON.stringify(answer), JSON.stringify({ [OTHER]: [SLOT, ZERO, SLOT], [ADDRESS]: [] }));
  caller[Symbol.dispose]();
});

Deno.test("eth_getStorageValues reads 1024 slots at most, and at least one", async () => {
  const { caller, calls } = client({ storage: ZERO });
  const slots = (count: number) => new Array(count).fill(ZERO);
  const tooMany = await caller.call("eth_getStorageValues", [{ [ADDRESS]: slots(1024), [OTHER]: slots(1) }]);
  assertEquals(tooMany.error, { code: -38026, message: "too many slots (max 1024)" });
  for (const request of [{}, { [ADDRESS]: [] }]) {
    const { error } = await caller.call("eth_getStorageValues", [request]);
    assertEquals(error, { code: -32602, message: "empty request" });
  }
  assertEquals(calls, []);
  await caller.result("eth_getStorageValues", [{ [ADDRESS]: slots(1000), [OTHER]: slots(24) }]);
  assertEquals(calls.length, 1024);
  caller[Symbol.dispose]();
});

Deno.test("eth_getProof keeps keys of 32 bytes, writes shorter ones as quantities, and checks them all first", async () => {
  const { caller, calls } = client({ proof: null });
  await caller.result("eth_getProof", [ADDRESS, ["0x0001", "", "0XFF", SLOT, SLOT.slice(3)], "0x5"]);
  assertEquals(calls, [["proof", ADDRESS, ["0x1", "0x0", "0xff", SLOT, SLOT], { number: 5n }]]);
  const bad = await caller.call("eth_getProof", [ADDRESS, ["0x1", "0xzz"], "latest"]);
  assertEquals(bad.error, { code: -32602, message: 'invalid hex in storage key: "0xzz"' });
  const many = await caller.call("eth_getProof", [ADDRESS, new Array(1025).fill("0x0"), "latest"]);
  assertEquals(many.error, { code: -32602, message: "too many storage keys requested (max 1024, got 1025)" });
  assertEquals(calls.length, 1);
  caller[Symbol.dispose]();
});
