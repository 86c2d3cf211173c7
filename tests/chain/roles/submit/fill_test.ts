import { assertEquals, assertRejects } from "@std/assert";
import type { Hash, TransactionRequest } from "../../../../src/eth/types.ts";
import { highestFee } from "../../../../src/primitives/signed_transaction.ts";
import { RpcError } from "../../../../src/rpc/error.ts";
import { testChain } from "../../fixture.ts";

const signal = new AbortController().signal;

Deno.test("fill chooses an EIP-1559 transaction with twice the base fee above the tip", async () => {
  using chain = await testChain();
  const from = chain.account(1).address;
  const { transaction } = await chain.node.submit.fill({ from, to: from, value: 1n }, signal);
  assertEquals(transaction.type, 2);
  assertEquals([transaction.gasFeeCap, transaction.gasTipCap], [2_000_000_001n, 1n]);
  assertEquals([transaction.gasLimit, transaction.nonce, transaction.chainId], [21_000n, 0n, 1337n]);
  assertEquals(highestFee(transaction), 21_000n * 2_000_000_001n);
});

Deno.test("fill keeps to the type that the fields or the caller name", async () => {
  using chain = await testChain();
  const base = { from: chain.account(1).address, to: chain.account(2).address, gas: 50_000n };
  const type = async (request: TransactionRequest) =>
    (await chain.node.submit.fill({ ...base, ...request }, signal)).transaction.type;
  assertEquals(await type({ gasPrice: 10n }), 0);
  assertEquals(await type({ type: 0 }), 0);
  assertEquals(await type({ gasPrice: 10n, accessList: [] }), 1);
  assertEquals(await type({ accessList: [] }), 2);
  assertEquals(await type({ authorizationList: [] }), 4);
});

Deno.test("fill refuses fields that contradict each other, in geth's words", async () => {
  using chain = await testChain();
  const from = chain.account(1).address;
  const refusals: readonly (readonly [TransactionRequest, string])[] = [
    [{ gasPrice: 1n, maxFeePerGas: 1n }, "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified"],
    [{ gasPrice: 0n }, "gasPrice must be non-zero after london fork"],
    [{ maxFeePerGas: 1n, maxPriorityFeePerGas: 2n }, "maxFeePerGas (0x1) < maxPriorityFeePerGas (0x2)"],
    [{ maxFeePerGas: 0n, maxPriorityFeePerGas: 0n }, "maxFeePerGas must be non-zero"],
    [{ maxFeePerBlobGas: 0n }, "maxFeePerBlobGas, if specified, must be non-zero"],
    [{ chainId: 1n }, "chainId does not match node's (have=1, want=1337)"],
    [{ to: null }, "contract creation without any data provided"],
    [{ blobVersionedHashes: [] }, "need at least 1 blob for a blob transaction"],
    [{ to: null, blobVersionedHashes: [`0x01${"0".repeat(62)}`] }, 'missing "to" in blob transaction'],
  ];
  for (const [request, message] of refusals) {
    const fill = () => chain.node.submit.fill({ from, to: from, gas: 21_000n, ...request }, signal);
    const error = await assertRejects(fill, RpcError);
    assertEquals([error.code, error.message], [-32000, message]);
  }
});

Deno.test("fill counts the pool's transactions into the nonce", async () => {
  using chain = await testChain({ automine: false });
  const from = chain.account(1).address;
  await chain.send(1, { to: from });
  const { transaction } = await chain.node.submit.fill({ from, to: from, gas: 21_000n }, signal);
  assertEquals(transaction.nonce, 1n);
});

Deno.test("An impersonated account sends without a signature, two equal ones with different hashes", async () => {
  using chain = await testChain();
  const { dev, submit } = chain.node;
  const [one, other] = [`0x${"a1".repeat(20)}`, `0x${"b2".repeat(20)}`] as const;
  const hashes: Hash[] = [];
  for (const from of [one, other]) {
    await dev.setBalance(from, 10n ** 18n);
    await dev.impersonate(from);
    const filled = await submit.fill({ from, to: chain.account(1).address, value: 1n }, signal);
    hashes.push(await dev.sendUnsigned(filled));
  }
  const [first, second] = hashes;
  assertEquals(first === second || first === undefined, false);
  if (first === undefined) return;
  assertEquals((await chain.receipt(first))["from"], one);
  assertEquals((await chain.transaction(first))["from"], one);
  assertEquals([dev.isImpersonated(one), dev.isImpersonated(chain.account(1).address)], [
    true,
    false,
  ]);
  assertEquals(dev.stopImpersonating(one), true);
  assertEquals(dev.stopImpersonating(one), false);
});

Deno.test("A contract can be impersonated", async () => {
  using chain = await testChain();
  const contract = await chain.deploy(1, "00");
  await chain.node.dev.setBalance(contract, 10n ** 18n);
  const filled = await chain.node.submit.fill(
    { from: contract, to: chain.account(2).address, value: 1n },
    signal,
  );
  const hash = await chain.node.dev.sendUnsigned(filled);
  assertEquals((await chain.receipt(hash))["status"], "0x1");
});

Deno.test("fill counts blobs before it looks into any", async () => {
  using chain = await testChain();
  const to = chain.account(2).address;
  // None of them is a blob: a look into one would fail with another error.
  const blobs = Array.from({ length: 7 }, () => "0x" as const);
  await assertRejects(
    () => chain.node.submit.fill({ from: to, to, blobs }, signal),
    RpcError,
    "too many blobs in transaction (have=7, max=6)",
  );
});
