import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../../../src/rpc/error.ts";
import { blobBaseFee, nextGasLimit } from "../../../../src/chain/consensus/header_rules.ts";
import { testChain } from "../../fixture.ts";

Deno.test("Fee history has one base fee more than blocks, and rewards at the percentiles", async () => {
  using chain = await testChain();
  const to = chain.account(2).address;
  for (const tip of [5n, 7n]) await chain.send(1, { to, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: tip });
  const history = (await chain.node.blocks.feeHistory(2, { tag: "latest" }, [0, 100])).decode();
  assertEquals(history, {
    oldestBlock: "0x1",
    reward: [["0x5", "0x5"], ["0x7", "0x7"]],
    baseFeePerGas: ["0x342770c0", "0x2da89983", "0x27f8d9b4"],
    gasUsedRatio: [21_000 / 11_511_229, 21_000 / 11_522_469],
    baseFeePerBlobGas: ["0x1", "0x1", "0x1"],
    blobGasUsedRatio: [0, 0],
  });
});

Deno.test("Fee history is cut to the blocks that exist, and without percentiles has no rewards", async () => {
  using chain = await testChain();
  await chain.node.dev.mine(1n);
  const history = (await chain.node.blocks.feeHistory(100, { tag: "latest" }, [])).decode() as Record<
    string,
    unknown[]
  >;
  assertEquals(Object.keys(history).includes("reward"), false);
  assertEquals([history["oldestBlock"], history["gasUsedRatio"]?.length], ["0x0", 2]);
  assertEquals((await chain.node.blocks.feeHistory(0, { tag: "latest" }, [])).decode(), {
    oldestBlock: "0x0",
    gasUsedRatio: null,
  });
});

Deno.test("Fee history refuses bad percentiles and blocks beyond the head in geth's words", async () => {
  using chain = await testChain();
  const cases: readonly (readonly [bigint, number[], string])[] = [
    [0n, [101], "invalid reward percentile: 101.000000"],
    [0n, [50, 20], "invalid reward percentile: #0:50.000000 >= #1:20.000000"],
    [0n, Array.from({ length: 101 }, (_, index) => index / 2), "invalid reward percentile: over the query limit 100"],
    [7n, [], "request beyond head block: requested 7, head 0"],
  ];
  for (const [number, percentiles, message] of cases) {
    const read = () => Promise.resolve(chain.node.blocks.feeHistory(1, { number }, percentiles));
    assertEquals((await assertRejects(read, RpcError)).message, message);
  }
});

Deno.test("Gas price is the suggested tip above the head's base fee", async () => {
  using chain = await testChain();
  assertEquals([await chain.node.blocks.maxPriorityFeePerGas(), await chain.node.blocks.gasPrice()], [
    "0x1",
    "0x3b9aca01",
  ]);
  const to = chain.account(2).address;
  for (let count = 0; count < 25; count++) {
    await chain.send(1, { to, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1000n });
  }
  assertEquals(await chain.node.blocks.maxPriorityFeePerGas(), "0x3e8");
  await chain.node.dev.setMinGasPrice(5000n);
  assertEquals(await chain.node.blocks.maxPriorityFeePerGas(), "0x1388");
});

Deno.test("Base fee of the next block is what the next block has", async () => {
  using chain = await testChain();
  await chain.send(1, { to: chain.account(2).address });
  const promised = await chain.node.blocks.baseFee();
  await chain.node.dev.mine(1n);
  assertEquals((await chain.block(2n))["baseFeePerGas"], promised);
  assertEquals(await chain.node.blocks.blobBaseFee(), "0x1");
});

Deno.test("Blob base fee follows EIP-4844's exponential", () => {
  const blobs = { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 };
  assertEquals(blobBaseFee(0n, blobs), 1n);
  // The step of EIP-4844's own test: the price doubles after about 2.3 million gas.
  assertEquals([blobBaseFee(2_314_057n, blobs), blobBaseFee(2_314_058n, blobs)], [1n, 2n]);
  assertEquals(blobBaseFee(10_485_760n, blobs), 23n);
});

Deno.test("Gas limit moves towards the wanted one by less than 1/1024", () => {
  assertEquals(nextGasLimit(200_000_000n, 60_000_000n), 199_804_689n);
  assertEquals(nextGasLimit(11_500_000n, 11_500_000n), 11_500_000n);
  assertEquals(nextGasLimit(20_000_000n, 22_000_000n), 20_019_530n);
  assertEquals(nextGasLimit(20_000_000n, 20_000_001n), 20_000_001n);
});
