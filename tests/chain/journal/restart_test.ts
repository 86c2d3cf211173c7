import { assertEquals, assertNotEquals } from "@std/assert";
import type { TestChain } from "../fixture.ts";
import { EMITTER } from "../fixture.ts";
import { ChainFolder, portrait } from "./stored_chain.ts";

/** Acts on a chain, closes it, and checks that it comes back as it was. Returns it for more. */
async function reopened(folder: ChainFolder, act: (chain: TestChain) => Promise<unknown>): Promise<TestChain> {
  const chain = await folder.open();
  await act(chain);
  const before = await portrait(chain);
  chain.node.close();
  const again = await folder.open();
  assertEquals(await portrait(again), before);
  return again;
}

Deno.test("A chain goes on where it was: blocks, receipts, states, code and storage", async () => {
  await using folder = new ChainFolder();
  using chain = await reopened(folder, async (chain) => {
    const to = await chain.deploy(1, EMITTER);
    await chain.send(2, { to, value: 3n, input: `0x${"11".repeat(32)}`, gas: 100_000n });
    await chain.send(1, { to: chain.account(4).address, value: 7n });
  });
  assertEquals(await chain.head(), 3n);
  const hash = await chain.send(3, { to: chain.account(5).address, value: 1n });
  assertEquals((await chain.receipt(hash))["blockNumber"], "0x4");
  assertEquals(await chain.node.state.nonce(chain.account(1).address, { number: 1n }), "0x1");
});

Deno.test("What was set by hand comes back, at block 0 and on a range of empty blocks", async () => {
  await using folder = new ChainFolder();
  const address = `0x${"77".repeat(20)}` as const;
  const slot = `0x${"1".padStart(64, "0")}` as const;
  using chain = await reopened(folder, async ({ node: { dev } }) => {
    await dev.setBalance(address, 5n);
    await dev.mine(300n);
    await dev.setStorageAt(address, slot, slot);
    await dev.setCode(address, "0x6001");
    await dev.mine(2n);
    await dev.setNonce(address, 9n);
  });
  const { state } = chain.node;
  assertEquals(await state.balance(address, { number: 0n }), "0x5");
  assertEquals(await state.code(address, { number: 299n }), "0x");
  assertEquals(await state.code(address, { number: 300n }), "0x6001");
  assertEquals(await state.storage(address, slot, { tag: "latest" }), slot);
  assertEquals(await state.nonce(address, { tag: "latest" }), "0x9");
});

Deno.test("A reorganisation, a rollback and a reset come back, and abandoned blocks can be read by hash", async () => {
  await using folder = new ChainFolder();
  let abandoned: unknown;
  using chain = await reopened(folder, async (chain) => {
    await chain.send(1, { to: chain.account(2).address, value: 1n });
    await chain.send(1, { to: chain.account(2).address, value: 2n });
    abandoned = (await chain.block(2n))["hash"];
    await chain.node.dev.reorg(1, []);
    await chain.node.dev.mine(600n);
    await chain.node.dev.rollback(300);
  });
  const record = await chain.node.blocks.block({ hash: abandoned as `0x${string}`, requireCanonical: false }, false);
  assertEquals((record?.decode() as Record<string, unknown>)["hash"], abandoned);
  const first = (await chain.block(2n))["hash"];
  await chain.node.dev.rollback(301);
  await chain.send(1, { to: chain.account(2).address, value: 2n });
  await chain.node.dev.reorg(1, []);
  assertNotEquals((await chain.block(2n))["hash"], first);
  chain.node.close();
  using last = await reopened(folder, ({ node }) => node.dev.reset());
  assertEquals(await last.head(), 0n);
});

Deno.test("Settings, snapshots, waiting transactions and impersonation come back, and a snapshot still works", async () => {
  await using folder = new ChainFolder();
  let id: `0x${string}` = "0x0";
  using chain = await reopened(folder, async (chain) => {
    const { dev, submit } = chain.node;
    await chain.send(1, { to: chain.account(2).address, value: 1n });
    await dev.setAutomine(false);
    await chain.send(1, { to: chain.account(2).address, value: 2n });
    await chain.send(2, { to: chain.account(3).address, value: 2n, nonce: 5n });
    id = await dev.snapshot();
    const from = `0x${"99".repeat(20)}` as const;
    dev.impersonate(from);
    await dev.setBalance(from, 10n ** 18n);
    await dev.sendUnsigned(await submit.fill({ from, to: from, value: 1n }, new AbortController().signal));
    dev.increaseTime(1000n);
    dev.setNextBlockBaseFeePerGas(7n);
    dev.setCoinbase(from);
    dev.setBlockTimestampInterval(5n);
  });
  const { dev } = chain.node;
  assertEquals(dev.automine(), false);
  await dev.mine(1n);
  const sealed = await chain.block(2n);
  assertEquals(sealed["baseFeePerGas"], "0x7");
  assertEquals(sealed["miner"], `0x${"99".repeat(20)}`);
  assertEquals((sealed["transactions"] as unknown[]).length, 2);
  assertEquals(await dev.revert(id), true);
  assertEquals(await dev.snapshot(), "0x2");
  assertEquals(await chain.head(), 1n);
  chain.node.close();
  using last = await reopened(folder, () => Promise.resolve());
  assertEquals((await last.node.pool.status()).decode(), { pending: "0x1", queued: "0x1" });
});

Deno.test("A transaction that waited outside of the pool is pooled after the restart", async () => {
  await using folder = new ChainFolder();
  const fees = { gas: 100_000n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n };
  let hashes: readonly unknown[] = [];
  using chain = await reopened(folder, async (chain) => {
    const to = chain.account(2).address;
    // An account that runs another's code may have one transaction in the pool (EIP-7702).
    await chain.node.dev.setCode(chain.account(1).address, `0xef0100${"77".repeat(20)}`);
    await chain.node.dev.setAutomine(false);
    hashes = [await chain.send(1, { to, nonce: 0n, ...fees }), await chain.send(1, { to, nonce: 1n, ...fees })];
  });
  await chain.node.dev.mine(1n);
  await chain.node.dev.mine(1n);
  assertEquals(
    [(await chain.block(1n))["transactions"], (await chain.block(2n))["transactions"]],
    hashes.map((hash) => [
      hash,
    ]),
  );
});
