import { assert, assertEquals } from "@std/assert";
import type { Hash } from "../../../../src/eth/types.ts";
import { callTo, COUNTS } from "../../assembly.ts";
import { testChain } from "../../fixture.ts";
import { BOB, CODE, codes, type Frame, refusal, type StructTrace, traceCall, traceTransaction } from "./fixture.ts";

const ENDLESS = "5b5f56";

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

Deno.test("A transaction is traced from the state that those before it in its block left", async () => {
  using chain = await testChain();
  const counter = await chain.deploy(1, COUNTS);
  await chain.node.dev.setAutomine(false);
  const hashes: Hash[] = [];
  for (const nonce of [1n, 2n, 3n]) hashes.push(await chain.send(1, { to: counter, nonce, gas: 100_000n }));
  await chain.node.dev.mine(1n);
  const signal = new AbortController().signal;
  const block = (await chain.node.tracer.traceBlock({ tag: "latest" }, { trace: {}, signal })).decode() as {
    txHash: Hash;
    result: StructTrace;
  }[];
  assertEquals(block.map(({ txHash }) => txHash), hashes);
  assertEquals(block.map(({ result }) => result.returnValue), [1n, 2n, 3n].map(word));
  for (const [index, hash] of hashes.entries()) {
    assertEquals(await traceTransaction(chain, hash), block[index]?.result);
    assertEquals(block[index]?.result.gas, Number((await chain.receipt(hash))["gasUsed"]));
  }
});

Deno.test("Tracing leaves the state alone", async () => {
  using chain = await testChain();
  const counter = await chain.deploy(1, COUNTS);
  const hash = await chain.send(1, { to: counter, gas: 100_000n });
  const before = await chain.block("latest");
  await traceTransaction(chain, hash);
  await traceCall(chain, { to: counter });
  assertEquals(await chain.node.state.storage(counter, `0x${"0".repeat(64)}`, { tag: "latest" }), word(1n));
  assertEquals(await chain.block("latest"), before);
});

Deno.test("A transaction of an impersonated account is traced as it was run", async () => {
  using chain = await testChain();
  const counter = await chain.deploy(1, COUNTS);
  await chain.node.dev.impersonate(counter);
  await chain.node.dev.setBalance(counter, 10n ** 18n);
  const filled = await chain.node.submit.fill({ from: counter, to: BOB }, new AbortController().signal);
  const hash = await chain.node.dev.sendUnsigned(filled);
  const frame = await traceTransaction<Frame>(chain, hash, { tracer: "callTracer" });
  assertEquals([frame.from, frame.to, frame.error], [counter, BOB, undefined]);
});

Deno.test("A call is traced after a block, or before one of its transactions", async () => {
  using chain = await testChain();
  const counter = await chain.deploy(1, COUNTS);
  await chain.node.dev.setAutomine(false);
  for (const nonce of [1n, 2n]) await chain.send(1, { to: counter, nonce, gas: 100_000n });
  await chain.node.dev.mine(1n);
  const after = async (txIndex?: number) => {
    const trace = await traceCall<StructTrace>(chain, { to: counter }, txIndex === undefined ? {} : { txIndex });
    return BigInt(trace.returnValue);
  };
  assertEquals([await after(), await after(0), await after(1)], [3n, 1n, 2n]);
  const { hash } = await chain.block("latest");
  assertEquals(await refusal(traceCall(chain, { to: counter }, { txIndex: 2 })), [
    -32000,
    `transaction index 2 out of range for block ${hash}`,
  ]);
});

Deno.test("A traced call sees the overrides of accounts and block", async () => {
  using chain = await testChain();
  // NUMBER, TIMESTAMP and BASEFEE added up.
  const sum = "43420148015f5260205ff3";
  const trace = await traceCall<StructTrace>(chain, { to: CODE }, {
    ...codes([CODE, sum]),
    blockOverrides: { number: 1000n, time: 200n, baseFeePerGas: 30n },
  });
  // A call that pays nothing sees no base fee, as in eth_call.
  assertEquals(BigInt(trace.returnValue), 1200n);
});

Deno.test("A traced call in the next block sees the hash of this one", async () => {
  using chain = await testChain();
  const { hash } = await chain.block("latest");
  const trace = { ...codes([CODE, "5f405f5260205ff3"]), blockOverrides: { number: 1n } };
  assertEquals((await traceCall<StructTrace>(chain, { to: CODE }, trace)).returnValue, hash);
});

Deno.test("A traced call that cannot run says that tracing failed, and why", async () => {
  using chain = await testChain();
  const [code, message] = await refusal(traceCall(chain, { from: CODE, to: BOB, value: 1n }));
  assertEquals(code, -32000);
  assert(message.startsWith("tracing failed: insufficient funds for gas * price + value"), message);
  const beacon = { blockOverrides: { beaconRoot: `0x${"11".repeat(32)}` as const } };
  assertEquals(await refusal(traceCall(chain, { to: BOB }, beacon)), [
    -32000,
    'block override "beaconRoot" is not supported for this RPC method',
  ]);
});

Deno.test("A trace ends when its time is over", async () => {
  using chain = await testChain();
  const endless = { tracer: "callTracer", timeout: "200ms", ...codes([CODE, "5b61ffff5f20505f56"]) };
  assertEquals(await refusal(traceCall(chain, { to: CODE }, endless)), [-32000, "execution timeout"]);
});

Deno.test("A trace ends when nobody waits for it any more", async () => {
  using chain = await testChain();
  const caller = new AbortController();
  const trace = { tracer: "noopTracer", timeout: "1m", ...codes([CODE, ENDLESS]) };
  const ended = refusal(chain.node.tracer.traceCall({ to: CODE }, { tag: "latest" }, { trace, signal: caller.signal }));
  caller.abort();
  assertEquals(await ended, [-32000, "execution aborted"]);
  assertEquals((await traceCall<StructTrace>(chain, { to: BOB })).failed, false);
});

Deno.test("A tracer that tells nothing runs all the same", async () => {
  using chain = await testChain();
  assertEquals(await traceCall(chain, { to: CODE }, { tracer: "noopTracer", ...codes([CODE, callTo(BOB)]) }), {});
});
