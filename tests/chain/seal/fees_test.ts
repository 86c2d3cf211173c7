import { assertEquals, assertRejects } from "@std/assert";
import type { Address, TransactionRequest } from "../../../src/eth/types.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { type TestChain, testChain } from "../fixture.ts";

const GWEI = 10n ** 9n;
/** An account without a key and without ether. */
const R: Address = "0x00000000000000000000000000000000000000a3";
const SIGNAL = new AbortController().signal;

async function sendUnsigned(chain: TestChain, request: TransactionRequest) {
  return await chain.node.dev.sendUnsigned(await chain.node.submit.fill(request, SIGNAL));
}

async function numbers(chain: TestChain, field: string): Promise<bigint[]> {
  const found: bigint[] = [];
  for (let number = 0n; number <= await chain.head(); number++) {
    found.push(BigInt(String((await chain.block(number))[field])));
  }
  return found;
}

Deno.test("Everything that quotes a price knows of the base fee that was set for the next block", async () => {
  using chain = await testChain();
  const to = chain.account(2).address;
  const set = 100n * GWEI;
  await chain.node.dev.setNextBlockBaseFeePerGas(set);
  assertEquals(BigInt(await chain.node.blocks.gasPrice()), set + 1n);
  assertEquals(BigInt(await chain.node.blocks.baseFee() ?? 0), set);
  const history = await chain.node.blocks.feeHistory(1, { tag: "latest" }, []);
  assertEquals((history.decode() as { baseFeePerGas: string[] }).baseFeePerGas.map(BigInt), [GWEI, set]);
  assertEquals(BigInt(String((await chain.block("pending"))["baseFeePerGas"])), set);
  const filled = await chain.node.submit.fill({ from: chain.account(1).address, to, value: 1n }, SIGNAL);
  assertEquals(filled.transaction.gasFeeCap, 2n * set + 1n);
  const hash = await chain.send(1, { to, value: 1n });
  assertEquals((await chain.block(1n))["transactions"], [hash]);
  assertEquals(await numbers(chain, "baseFeePerGas"), [GWEI, set]);
});

Deno.test("At a base fee of nothing a transaction without a price is mined, impersonated or signed", async () => {
  using chain = await testChain({ minTip: 0n });
  const to = chain.account(2).address;
  await chain.node.dev.setNextBlockBaseFeePerGas(0n);
  const unsigned = await sendUnsigned(chain, { from: R, to, gasPrice: 0n });
  assertEquals((await chain.block(1n))["transactions"], [unsigned]);
  await chain.node.dev.setNextBlockBaseFeePerGas(0n);
  const signed = await chain.send(1, { to, gasPrice: 0n, gas: 21_000n });
  assertEquals((await chain.block(2n))["transactions"], [signed]);
});

Deno.test("A transaction without a tip is mined where the least tip is nothing, and refused elsewhere", async () => {
  const request = { gas: 21_000n, maxFeePerGas: 2n * GWEI, maxPriorityFeePerGas: 0n };
  using free = await testChain({ minTip: 0n });
  const hash = await free.send(1, { to: R, ...request });
  assertEquals((await free.block(1n))["transactions"], [hash]);
  using paid = await testChain({ minTip: 1_000n });
  const error = await assertRejects(() => paid.send(1, { to: R, ...request }), RpcError);
  assertEquals(error.message, "transaction gas price below minimum: gas tip cap 0, minimum needed 1000");
  assertEquals(BigInt(await paid.node.blocks.maxPriorityFeePerGas()), 1_000n);
});

Deno.test("Empty blocks lower the base fee until a transaction below it is mined, as in geth --dev", async () => {
  using chain = await testChain();
  const hash = await chain.send(1, { to: R, gas: 21_000n, gasPrice: GWEI / 2n });
  const head = await chain.head();
  assertEquals((await chain.block(head))["transactions"], [hash]);
  assertEquals(await numbers(chain, "gasUsed"), [0n, 0n, 0n, 0n, 0n, 0n, 21_000n]);
  assertEquals(await numbers(chain, "baseFeePerGas"), [
    1_000_000_000n,
    875_000_000n,
    765_625_000n,
    669_921_875n,
    586_181_641n,
    512_908_936n,
    448_795_319n,
  ]);
  const later = await chain.send(1, { to: R });
  assertEquals((await chain.block(head + 1n))["transactions"], [later]);
});

Deno.test("Automine refuses what no number of empty blocks makes minable, and later ones do not wait behind it", async () => {
  using chain = await testChain();
  const { address } = chain.account(1);
  const error = await assertRejects(() => chain.send(1, { to: R, gas: 21_000n, gasPrice: 6n }), RpcError);
  assertEquals(error.code, -32000);
  assertEquals(
    error.message.toLowerCase(),
    `max fee per gas less than block base fee: address ${address}, ` +
      "maxfeepergas: 6, basefee: 875000000",
  );
  const hash = await chain.send(1, { to: R });
  assertEquals((await chain.block(1n))["transactions"], [hash]);
});

Deno.test("A block mined by hand that makes a transaction affordable lets automine take it", async () => {
  using chain = await testChain({ automine: false });
  const hash = await chain.send(1, { to: R, gas: 21_000n, gasPrice: GWEI * 4n / 5n });
  await chain.node.dev.mine(1n);
  assertEquals((await chain.block(1n))["transactions"], []);
  await chain.node.dev.setAutomine(true);
  assertEquals((await chain.block(2n))["transactions"], [hash]);
});

Deno.test("The gas limit of the dev chain moves towards 60,000,000 as geth's", async () => {
  using chain = await testChain();
  await chain.node.dev.mine(78n);
  const limits = await numbers(chain, "gasLimit");
  assertEquals([limits[0], limits[1], limits[78]], [11_500_000n, 11_511_229n, 12_409_622n]);
});
