import { assert, assertEquals } from "@std/assert";
import type { Data } from "../../../src/eth/types.ts";
import { ALL_PARTS } from "../../../src/events/mod.ts";
import { EMITTER, testChain } from "../fixture.ts";

Deno.test("Sealer gives the same hashes for the same genesis, clock and transactions", async () => {
  const hashes: unknown[] = [];
  for (let run = 0; run < 2; run++) {
    using chain = await testChain();
    await chain.send(1, { to: chain.account(2).address, value: 5n });
    await chain.deploy(1, EMITTER);
    hashes.push((await chain.block("latest"))["hash"]);
  }
  assertEquals(hashes[0], hashes[1]);
});

Deno.test("Sealer makes one block for each transaction, readable when sendRaw resolves", async () => {
  using chain = await testChain();
  const hash = await chain.send(1, { to: chain.account(2).address, value: 5n });
  assertEquals(await chain.head(), 1n);
  const receipt = await chain.receipt(hash);
  assertEquals(receipt["status"], "0x1");
  assertEquals(receipt["gasUsed"], "0x5208");
  assertEquals(await chain.balance(chain.account(2).address), 10_000n * 10n ** 18n + 5n);
  assertEquals((await chain.block(1n))["transactions"], [hash]);
});

Deno.test("Sealer tells of a pending transaction before its block", async () => {
  using chain = await testChain();
  await chain.send(1, { to: chain.account(2).address });
  assertEquals(chain.story(), ["pending", "block 1"]);
});

Deno.test("Block event can be read when it is told: by number, by hash, with receipts and logs", async () => {
  using chain = await testChain();
  const emitter = await chain.deploy(1, EMITTER);
  const seen: unknown[] = [];
  chain.node.events.onEvent((event) => {
    if (event.kind !== "block") return;
    const { number, hash, logs, receipts } = event.block;
    const head = chain.node.blocks.block({ tag: "latest" }, false);
    assert(!(head instanceof Promise) && head !== null);
    seen.push({
      head: (head.decode() as { hash: string }).hash === hash,
      byNumber: chain.node.events.blockEventAt(number, ALL_PARTS),
      logs: logs?.map(({ address, json }) => [address, (json.decode() as { logIndex: string }).logIndex]),
      receipts: receipts?.length,
    });
  });
  await chain.send(1, { to: emitter, input: `0x${"7".padStart(64, "0")}`, gas: 100_000n });
  const [, , , last] = chain.events;
  assert(last?.kind === "block");
  assertEquals(seen, [{ head: true, byNumber: last.block, logs: [[emitter, "0x0"]], receipts: 1 }]);
});

Deno.test("Sealer puts what waits into one block, best tip first, nonces of a sender in order", async () => {
  using chain = await testChain({ automine: false });
  const to = chain.account(9).address;
  const fees = (tip: bigint) => ({ maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: tip });
  const low = await chain.send(1, { to, ...fees(1n) });
  const high = await chain.send(2, { to, ...fees(9n) });
  const first = await chain.send(3, { to, ...fees(2n) });
  const second = await chain.send(3, { to, ...fees(20n) });
  await chain.node.dev.mine(1n);
  assertEquals((await chain.block(1n))["transactions"], [high, first, second, low]);
});

Deno.test("Sealer leaves what exceeds the block's gas for the next block", async () => {
  using chain = await testChain({ automine: false, gasLimit: 50_000n });
  const to = chain.account(9).address;
  const hashes = [];
  for (const index of [1, 2, 3]) hashes.push(await chain.send(index, { to, gas: 21_000n }));
  await chain.node.dev.mine(1n);
  assertEquals((await chain.block(1n))["transactions"], hashes.slice(0, 2));
  await chain.node.dev.mine(1n);
  assertEquals((await chain.block(2n))["transactions"], hashes.slice(2));
});

Deno.test("Pending block holds what waits, and has no hash, nonce and miner yet", async () => {
  using chain = await testChain({ automine: false });
  const hash = await chain.send(1, { to: chain.account(2).address, value: 7n });
  const pending = await chain.block("pending");
  assertEquals(pending["number"], "0x1");
  assertEquals(pending["transactions"], [hash]);
  assertEquals([pending["hash"], pending["nonce"], pending["miner"]], [null, null, null]);
  assertEquals(
    BigInt(await chain.node.state.balance(chain.account(2).address, { tag: "pending" })),
    10_000n * 10n ** 18n + 7n,
  );
  assertEquals(await chain.node.state.nonce(chain.account(1).address, { tag: "pending" }), "0x1");
  assertEquals(await chain.node.state.nonce(chain.account(1).address, { tag: "latest" }), "0x0");
  assertEquals(await chain.head(), 0n);
});

Deno.test("Sealer on a period seals empty blocks and stops when closed", async () => {
  using chain = await testChain({ period: 0.01 });
  const { promise, resolve } = Promise.withResolvers<void>();
  chain.node.events.onEvent((event) => {
    if (event.kind === "block" && event.block.number === 2n) resolve();
  });
  await promise;
  chain.node.close();
  assertEquals(chain.node.dev.automine(), false);
});

Deno.test("Transactions sent at the same time are all mined, in blocks that follow each other", async () => {
  using chain = await testChain();
  const raws: Data[] = [];
  for (let nonce = 0n; nonce < 20n; nonce++) raws.push(await chain.sign(1, { to: chain.account(2).address, nonce }));
  const hashes = await Promise.all(raws.map((raw) => chain.node.submit.sendRaw(raw)));
  for (const hash of hashes) assertEquals((await chain.receipt(hash))["status"], "0x1");
  assertEquals(await chain.node.state.nonce(chain.account(1).address, { tag: "latest" }), "0x14");
});
