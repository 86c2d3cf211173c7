import { assertEquals, assertRejects } from "@std/assert";
import type { Hash, TransactionRequest } from "../../../src/eth/types.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { type TestChain, testChain } from "../fixture.ts";

const KEY: Hash = `0x${"12".repeat(32)}`;
const LATEST = { tag: "latest" } as const;

async function accessList(chain: TestChain, request: TransactionRequest): Promise<unknown> {
  const { signal } = new AbortController();
  return (await chain.node.executor.createAccessList(request, LATEST, { signal })).decode();
}

Deno.test("An access list leaves out the keys that the caller gave for sender, recipient and precompiles", async () => {
  using chain = await testChain();
  const from = chain.account(1).address;
  const listed = (address: `0x${string}`) => ({ accessList: [{ address, storageKeys: [KEY] }] });
  assertEquals(await accessList(chain, { from, to: from, ...listed(from) }), { accessList: [], gasUsed: "0x5208" });
  const precompile = `0x${"4".padStart(40, "0")}` as const;
  assertEquals(await accessList(chain, { from, to: from, ...listed(precompile) }), {
    accessList: [],
    gasUsed: "0x5208",
  });
  // Any other address stays, and is paid for.
  const other = listed(chain.account(2).address);
  assertEquals(await accessList(chain, { from, to: from, ...other }), { ...other, gasUsed: "0x62d4" });
});

Deno.test("An access list is refused for fees that geth refuses", async () => {
  using chain = await testChain();
  const from = chain.account(1).address;
  const refusals: readonly (readonly [TransactionRequest, string])[] = [
    [{ gasPrice: 0n }, "gasPrice must be non-zero after london fork"],
    [{ maxFeePerGas: 0n }, "maxFeePerGas (0x0) < maxPriorityFeePerGas (0x1)"],
    [{ maxFeePerBlobGas: 0n }, "maxFeePerBlobGas specified without blobVersionedHashes"],
    [
      { maxFeePerBlobGas: 0n, blobVersionedHashes: [`0x01${"00".repeat(31)}`] },
      "maxFeePerBlobGas, if specified, must be non-zero",
    ],
    [{ gasPrice: 1n, maxFeePerGas: 1n }, "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified"],
  ];
  for (const [fees, message] of refusals) {
    const error = await assertRejects(() => accessList(chain, { from, to: from, ...fees }), RpcError);
    assertEquals([error.code, error.message], [-32000, message]);
  }
});

Deno.test("A call that cannot be a transaction is refused with the hash that geth gives it", async () => {
  using chain = await testChain();
  const from = chain.account(1).address;
  const error = await assertRejects(() => accessList(chain, { from, to: from, gas: 1n }), RpcError);
  assertEquals(
    error.message.replace(/0x[0-9a-f]{64}/, "HASH"),
    "failed to apply transaction: HASH err: " +
      "intrinsic gas too low: have 1, want 21000",
  );
});

Deno.test("A sender without ether cannot pay a fee, whatever it sends", async () => {
  using chain = await testChain();
  const from = `0x${"77".repeat(20)}` as const;
  const { signal } = new AbortController();
  const request = { from, to: chain.account(1).address, gasPrice: 10n ** 9n };
  const estimate = () => chain.node.executor.estimateGas(request, LATEST, { signal });
  assertEquals((await assertRejects(estimate, RpcError)).message, "insufficient funds for transfer");
  const fill = () => chain.node.submit.fill(request, signal);
  assertEquals((await assertRejects(fill, RpcError)).message, "insufficient funds for transfer");
});

Deno.test("A sender at the highest nonce is answered, by a creation, a transfer, a trace and a simulation", async () => {
  using chain = await testChain();
  const from = `0x${"78".repeat(20)}` as const;
  const { signal } = new AbortController();
  const state = { [from]: { nonce: 2n ** 64n - 1n } };
  const { executor, simulator, tracer } = chain.node;
  const create = { from, input: "0x00" } as const;
  const error = await assertRejects(() => executor.call(create, LATEST, { signal, state }), RpcError);
  assertEquals([error.code, error.message], [-32000, "nonce uint64 overflow"]);
  const estimate = await assertRejects(() => executor.estimateGas(create, LATEST, { signal, state }), RpcError);
  assertEquals([estimate.code, estimate.message], [-32000, "nonce uint64 overflow"]);
  const traced = await tracer.traceCall(create, LATEST, { trace: { stateOverrides: state }, signal });
  assertEquals((traced.decode() as { failed: boolean }).failed, true);
  const to = chain.account(1).address;
  const simulation = { traceTransfers: false, validation: false, fullTransactions: false };
  const blocks = [{ state, calls: [{ from }, { from, to }] }];
  const [block] = (await simulator.simulate({ ...simulation, blocks }, LATEST, { signal })).decode() as [
    { calls: { status: string; error?: { message: string } }[] },
  ];
  assertEquals(block.calls.map(({ status, error }) => [status, error?.message]), [
    ["0x0", "nonce uint64 overflow"],
    ["0x1", undefined],
  ]);
});
