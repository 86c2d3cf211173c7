import { assertEquals, assertRejects } from "@std/assert";
import type { Data, Hash } from "../../../src/eth/types.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { type TestChain, testChain } from "../fixture.ts";

const GAS = { gas: 100_000n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n };

/** A chain whose account 1 runs another's code (EIP-7702). */
async function delegatedChain(): Promise<TestChain> {
  const chain = await testChain({ automine: false });
  await chain.node.dev.setCode(chain.account(1).address, `0xef0100${"77".repeat(20)}`);
  return chain;
}

async function transactions(chain: TestChain, number: bigint): Promise<unknown> {
  return (await chain.block(number))["transactions"];
}

Deno.test("The second transaction of a delegated account is answered with its hash, and pooled after the first is mined", async () => {
  using chain = await delegatedChain();
  const to = chain.account(2).address;
  const hashes: Hash[] = [];
  for (const nonce of [0n, 1n]) hashes.push(await chain.send(1, { to, nonce, ...GAS }));
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x1", queued: "0x0" });
  assertEquals(await chain.node.blocks.transaction(hashes[1] ?? "0x"), null);
  await chain.node.dev.mine(1n);
  await chain.node.dev.mine(1n);
  assertEquals([await transactions(chain, 1n), await transactions(chain, 2n)], hashes.map((hash) => [hash]));
});

Deno.test("A gapped transaction of a delegated account waits until the gap is filled", async () => {
  using chain = await delegatedChain();
  const to = chain.account(2).address;
  const late = await chain.send(1, { to, nonce: 1n, ...GAS });
  const early = await chain.send(1, { to, nonce: 0n, ...GAS });
  await chain.node.dev.mine(1n);
  await chain.node.dev.mine(1n);
  assertEquals([await transactions(chain, 1n), await transactions(chain, 2n)], [[early], [late]]);
});

Deno.test("A transaction that waits is known, and given up once its nonce is used", async () => {
  using chain = await delegatedChain();
  const to = chain.account(2).address;
  await chain.send(1, { to, nonce: 0n, ...GAS });
  const raw: Data = await chain.sign(1, { to, nonce: 1n, ...GAS });
  await chain.node.submit.sendRaw(raw);
  const error = await assertRejects(() => chain.node.submit.sendRaw(raw), RpcError);
  assertEquals(error.message, "already known");
  await chain.node.dev.setNonce(chain.account(1).address, 5n);
  await chain.node.dev.mine(1n);
  const again = await assertRejects(() => chain.node.submit.sendRaw(raw), RpcError);
  assertEquals(again.message, "nonce too low: next nonce 5, tx nonce 1");
});

Deno.test("A replacement that its sender cannot pay is refused for that, before its price is compared", async () => {
  using chain = await testChain({ automine: false });
  const to = chain.account(2).address;
  const balance = await chain.balance(chain.account(1).address);
  await chain.send(1, { to, nonce: 0n, ...GAS });
  const cost = GAS.gas * GAS.maxFeePerGas;
  const error = await assertRejects(() => chain.send(1, { to, nonce: 0n, value: balance, ...GAS }), RpcError);
  assertEquals(
    error.message,
    `insufficient funds for gas * price + value: balance ${balance}, tx cost ${balance + cost}, overshot ${cost}`,
  );
});
