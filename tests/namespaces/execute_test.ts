import { assertEquals, assertInstanceOf } from "@std/assert";
import { ethExecuteRows } from "../../src/namespaces/eth/execute.ts";
import type { Executor } from "../../src/node/mod.ts";
import { TestClient } from "../support/test_client.ts";
import { recorder } from "../support/recorder.ts";

const ADDRESS = `0x${"aa".repeat(20)}`;

Deno.test("Execution methods hand on request, block and overrides, and a signal", async () => {
  const { role, calls } = recorder<Executor>({ call: "0x01", estimateGas: "0x5208", createAccessList: null });
  using caller = new TestClient([{ namespace: "eth", methods: ethExecuteRows({ executor: role }) }]);
  const request = { to: ADDRESS, data: "0xAB", value: "0x1" };
  assertEquals(await caller.result("eth_call", [request]), "0x01");
  const full = [request, "0x10", { [ADDRESS]: { balance: "0x2" } }, { time: "0x3" }];
  assertEquals(await caller.result("eth_estimateGas", full), "0x5208");
  await caller.result("eth_createAccessList", full.slice(0, 3));
  const read = { to: ADDRESS, value: 1n, input: "0xab" };
  const state = { [ADDRESS]: { balance: 2n } };
  const signals = calls.map((call) => (call[3] as { signal: AbortSignal }).signal);
  for (const signal of signals) assertInstanceOf(signal, AbortSignal);
  assertEquals(calls, [
    ["call", read, { tag: "latest" }, { state: undefined, block: undefined, signal: signals[0] }],
    ["estimateGas", read, { number: 16n }, { state, block: { time: 3n }, signal: signals[1] }],
    ["createAccessList", read, { number: 16n }, { state, signal: signals[2] }],
  ]);
});

Deno.test("A call's signal is aborted when its connection is gone", async () => {
  const aborted = Promise.withResolvers<void>();
  const { role } = recorder<Executor>({
    call: (_request: unknown, _at: unknown, { signal }: { signal: AbortSignal }) => {
      signal.addEventListener("abort", () => aborted.resolve());
      return aborted.promise;
    },
  });
  const caller = new TestClient([{ namespace: "eth", methods: ethExecuteRows({ executor: role }) }]);
  caller.call("eth_call", [{ to: ADDRESS }]);
  caller[Symbol.dispose]();
  await aborted.promise;
});
