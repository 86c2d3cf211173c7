import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { NO_PARTS, removedLog } from "../../../../src/events/mod.ts";
import { RpcError } from "../../../../src/rpc/error.ts";
import { EMITTER, NOW_MS, type TestChain, testChain } from "../../fixture.ts";

const NOW = BigInt(Math.floor(NOW_MS / 1000));

async function times(chain: TestChain): Promise<bigint[]> {
  const list = [];
  for (let number = 1n; number <= await chain.head(); number++) {
    list.push(BigInt(String((await chain.block(number))["timestamp"])) - NOW);
  }
  return list;
}

Deno.test("Snapshots nest, and reverting forgets the later ones", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  const to = chain.account(2).address;
  const outer = await dev.snapshot();
  await chain.send(1, { to, value: 1n });
  const inner = await dev.snapshot();
  await chain.send(1, { to, value: 2n });
  assertEquals(await dev.revert(inner), true);
  assertEquals(await chain.balance(to), 10_000n * 10n ** 18n + 1n);
  assertEquals(await chain.head(), 1n);
  assertEquals(await dev.revert(outer), true);
  assertEquals(await chain.head(), 0n);
  assertEquals(await dev.revert(inner), false);
  assertEquals(await dev.revert(outer), false);
  assertEquals(await chain.node.state.nonce(chain.account(1).address, { tag: "pending" }), "0x0");
});

Deno.test("Revert tells of the removed blocks newest first, and of nothing else", async () => {
  using chain = await testChain();
  const id = await chain.node.dev.snapshot();
  await chain.node.dev.mine(3n);
  await chain.node.dev.revert(id);
  assertEquals(chain.story(), ["block 1", "block 2", "block 3", "removed 3", "removed 2", "removed 1"]);
});

Deno.test("Revert brings back balances, code and storage that were set without a block", async () => {
  using chain = await testChain();
  const { dev, state } = chain.node;
  const address = `0x${"77".repeat(20)}` as const;
  const slot = `0x${"1".padStart(64, "0")}` as const;
  const id = await dev.snapshot();
  await dev.setBalance(address, 5n);
  await dev.setCode(address, "0x6001");
  await dev.setNonce(address, 9n);
  await dev.setStorageAt(address, slot, slot);
  assertEquals(await state.balance(address, { tag: "latest" }), "0x5");
  assertEquals(await state.code(address, { tag: "latest" }), "0x6001");
  assertEquals(await state.nonce(address, { tag: "latest" }), "0x9");
  assertEquals(await state.storage(address, slot, { tag: "latest" }), slot);
  await dev.revert(id);
  assertEquals(await state.balance(address, { tag: "latest" }), "0x0");
  assertEquals(await state.code(address, { tag: "latest" }), "0x");
});

Deno.test("Revert brings the pool and the clock back", async () => {
  using chain = await testChain({ automine: false });
  const { dev } = chain.node;
  const hash = await chain.send(1, { to: chain.account(2).address });
  const id = await dev.snapshot();
  await dev.increaseTime(1000n);
  await dev.mine(1n);
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x0", queued: "0x0" });
  await dev.revert(id);
  assertEquals((await chain.transaction(hash))["blockHash"], null);
  await dev.mine(1n);
  assertEquals(await times(chain), [0n]);
});

Deno.test("Reorg replaces the newest blocks: removed newest first, then the new ones from the fork point up", async () => {
  using chain = await testChain();
  const emitter = await chain.deploy(1, EMITTER);
  const topic = `0x${"7".padStart(64, "0")}` as const;
  const logged = await chain.send(1, { to: emitter, input: topic, gas: 100_000n });
  const old = [(await chain.block(1n))["hash"], (await chain.block(2n))["hash"]] as const;
  chain.events.length = 0;
  await chain.node.dev.reorg(1, []);
  assertEquals(chain.story(), ["removed 2", "block 2"]);
  const [removed] = chain.events;
  assert(removed?.kind === "removed" && removed.block.logs !== null);
  const told = removed.block.logs.map((log) => removedLog(log).decode() as Record<string, unknown>);
  assertEquals(told.map((log) => [log["transactionHash"], log["removed"]]), [[logged, true]]);
  assertEquals((await chain.block(1n))["hash"], old[0]);
  assertNotEquals((await chain.block(2n))["hash"], old[1]);
  assertEquals(await chain.node.blocks.transaction(logged), null);
  assertEquals((await chain.node.events.blockEventOf(old[1] as `0x${string}`, NO_PARTS))?.number, 2n);
  const logs = await chain.node.blocks.logs(
    { addresses: [emitter], topics: [], fromBlock: { number: 0n } },
    { maxBlockRange: 0, maxAlternatives: 0 },
  );
  assertEquals(logs.text, "[]");
});

Deno.test("Reorg puts signed transactions and requests into the block they name", async () => {
  using chain = await testChain();
  const to = `0x${"55".repeat(20)}` as const;
  await chain.node.dev.mine(3n);
  const signed = await chain.sign(1, { to, value: 3n });
  const request = { from: chain.account(2).address, to, value: 4n };
  await chain.node.dev.reorg(3, [{ transaction: signed, offset: 0 }, { transaction: request, offset: 2 }]);
  assertEquals(await chain.balance(to), 7n);
  const counts = [];
  for (const number of [1n, 2n, 3n]) counts.push(((await chain.block(number))["transactions"] as unknown[]).length);
  assertEquals(counts, [1, 0, 1]);
});

Deno.test("Reorg and rollback refuse what is deeper than the chain", async () => {
  using chain = await testChain();
  await chain.node.dev.mine(2n);
  for (
    const [name, act] of [["Reorg", chain.node.dev.reorg(3, [])], ["Rollback", chain.node.dev.rollback(3)]] as const
  ) {
    const error = await assertRejects(() => act, RpcError);
    assertEquals(error.code, -32602);
    assertEquals(error.message, `${name} depth must not exceed current chain height: current height 2, depth 3`);
  }
  await chain.node.dev.rollback(1);
  assertEquals(await chain.head(), 1n);
});

Deno.test("Revert past a reorganisation brings the old blocks back", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  await dev.mine(2n);
  const before = (await chain.block(2n))["hash"];
  const id = await dev.snapshot();
  await dev.reorg(2, []);
  assertNotEquals((await chain.block(2n))["hash"], before);
  chain.events.length = 0;
  await dev.revert(id);
  assertEquals((await chain.block(2n))["hash"], before);
  assertEquals(chain.story(), ["removed 2", "removed 1", "block 1", "block 2"]);
});

Deno.test("Revert to a block whose state --gcmode full has dropped brings the state back with it", async () => {
  using chain = await testChain({ gcmode: "full" });
  const { dev, state } = chain.node;
  await dev.mine(1n);
  const id = await dev.snapshot();
  await dev.mine(300n);
  assertEquals(await dev.revert(id), true);
  assertEquals(await state.nonce(chain.account(1).address, { tag: "latest" }), "0x0");
  await dev.mine(1n);
  assertEquals(await chain.head(), 2n);
});

Deno.test("Mining ends with its caller, and with the chain; what was sealed stays", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  const gone = new AbortController();
  const mining = dev.mine(100_000n, { signal: gone.signal });
  await dev.mine(1n);
  gone.abort();
  await assertRejects(() => mining);
  const head = await chain.head();
  const again = dev.mine(100_000n);
  await dev.mine(1n);
  await dev.reset();
  await assertRejects(() => again, RpcError, "was taken off the chain while those after it were mined");
  assertEquals([head > 1n, await chain.head() < 100n], [true, true]);
});

Deno.test("Clock: the next timestamp is exact and time flows on from it", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  await dev.setNextBlockTimestamp(NOW + 500n);
  await dev.mine(2n);
  assertEquals((await dev.increaseTime(60n)).text, "560");
  await dev.mine(1n);
  assertEquals(await times(chain), [500n, 501n, 560n]);
  const error = assertThrows(() => dev.setNextBlockTimestamp(NOW + 560n), RpcError);
  assertEquals(error.code, -32602);
});

Deno.test("Clock: blocks mined at intervals leave it as far ahead; an interval of 0 is none", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  await dev.mine(3n, { interval: 60n });
  await dev.mine(2n, { interval: 0n });
  await dev.increaseTime(20n);
  await dev.mine(1n);
  assertEquals(await times(chain), [60n, 120n, 180n, 181n, 182n, 200n]);
  assertEquals((await dev.setTime(NOW + 1000n)).text, "800");
  assertEquals((await dev.setTime(NOW + 900n)).text, "0");
  await dev.mine(1n);
  assertEquals((await times(chain)).at(-1), 900n);
});

Deno.test("Clock: no timestamp beyond 64 bits can be asked for", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  const most = 2n ** 64n - 1n;
  await dev.mine(1n);
  for (const act of [dev.increaseTime, dev.setNextBlockTimestamp, dev.setBlockTimestampInterval]) {
    const far = act === dev.setNextBlockTimestamp ? most + 1n : most;
    assertEquals(assertThrows(() => act(far), RpcError).code, -32602);
  }
  assertEquals((await assertRejects(() => dev.mine(2n, { interval: most / 2n }), RpcError)).code, -32602);
  await dev.mine(1n);
  assertEquals(await times(chain), [0n, 1n]);
  await dev.setNextBlockTimestamp(most);
  await dev.mine(1n);
  await assertRejects(() => dev.mine(1n), RpcError, "does not fit 64 bits");
  assertEquals((await chain.block(3n))["timestamp"], "0xffffffffffffffff");
});

Deno.test("A balance grows by what is added, up to 256 bits", async () => {
  using chain = await testChain();
  const address = `0x${"66".repeat(20)}` as const;
  await chain.node.dev.setBalance(address, 5n);
  await chain.node.dev.addBalance(address, 7n);
  assertEquals(await chain.balance(address), 12n);
  const error = await assertRejects(() => chain.node.dev.addBalance(address, 2n ** 256n - 12n), RpcError);
  assertEquals(error.code, -32602);
  assertEquals(await chain.balance(address), 12n);
});

Deno.test("Clock: an interval sets the distance between blocks until it is removed", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  await dev.mine(1n);
  await dev.setBlockTimestampInterval(12n);
  await dev.mine(2n);
  assertEquals(await dev.removeBlockTimestampInterval(), true);
  assertEquals(await dev.removeBlockTimestampInterval(), false);
  await dev.mine(3n, { interval: 100n });
  // The clock moves on with the interval of each block (measured with anvil).
  assertEquals(await times(chain), [0n, 12n, 24n, 100n, 200n, 300n]);
});

Deno.test("Next block takes the base fee, randomness, coinbase and gas limit that were set", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  const randao = `0x${"ab".repeat(32)}` as const;
  const coinbase = `0x${"cd".repeat(20)}` as const;
  await dev.setNextBlockBaseFeePerGas(7n);
  await dev.setNextBlockPrevRandao(randao);
  await dev.setCoinbase(coinbase);
  await dev.setBlockGasLimit(33_000_000n);
  assertEquals(await chain.node.blocks.baseFee(), "0x7");
  await dev.mine(2n);
  const [first, second] = [await chain.block(1n), await chain.block(2n)];
  assertEquals([first["baseFeePerGas"], first["mixHash"], first["miner"]], ["0x7", randao, coinbase]);
  assertEquals([first["gasLimit"], second["gasLimit"]], ["0x1f78a40", "0x1f78a40"]);
  assertNotEquals(second["mixHash"], randao);
});

Deno.test("setChainId changes what transactions must be signed for", async () => {
  using chain = await testChain();
  const before = await chain.sign(1, { to: chain.account(2).address });
  await chain.node.dev.setChainId(99n);
  assertEquals(await chain.node.identity.chainId(), "0x63");
  await assertRejects(() => chain.node.submit.sendRaw(before), RpcError, "have 1337 want 99");
  await chain.send(1, { to: chain.account(2).address });
});

Deno.test("Reset starts again from genesis with an empty pool", async () => {
  using chain = await testChain({ automine: false });
  const { dev } = chain.node;
  await dev.mine(2n);
  await chain.send(1, { to: chain.account(2).address });
  const id = await dev.snapshot();
  await dev.reset();
  assertEquals(await chain.head(), 0n);
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x0", queued: "0x0" });
  assertEquals(await dev.revert(id), false);
});

Deno.test("Mining by hand: automine off holds transactions back, on seals them", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  await dev.setAutomine(false);
  const hash = await chain.send(1, { to: chain.account(2).address });
  assertEquals(await chain.head(), 0n);
  await dev.setAutomine(true);
  assertEquals((await chain.receipt(hash))["blockNumber"], "0x1");
  const detailed = (await dev.mineDetailed({ timestamp: NOW + 90n })).decode() as { timestamp: string }[];
  assertEquals(detailed.map(({ timestamp }) => timestamp), [`0x${(NOW + 90n).toString(16)}`]);
});

Deno.test("Dropped transactions are not mined", async () => {
  using chain = await testChain({ automine: false });
  const { dev } = chain.node;
  const to = chain.account(9).address;
  const hash = await chain.send(1, { to });
  await chain.send(2, { to });
  assertEquals(await dev.dropTransaction(hash), hash);
  assertEquals(await dev.dropTransaction(hash), null);
  await dev.removePoolTransactions(chain.account(2).address);
  await dev.mine(1n);
  assertEquals((await chain.block(1n))["transactions"], []);
});

Deno.test("Revert leaves impersonation, chain id, gas limit and least tip as they are, and brings the coinbase back", async () => {
  using chain = await testChain({ minTip: 0n });
  const { dev, blocks, identity } = chain.node;
  const address = `0x${"a1".padStart(40, "0")}` as const;
  const before = await blocks.coinbase();
  const id = await dev.snapshot();
  await dev.impersonate(address);
  await dev.setCoinbase(address);
  await dev.setChainId(77n);
  await dev.setBlockGasLimit(20_000_000n);
  await dev.setNextBlockBaseFeePerGas(5n);
  assertEquals(await dev.revert(id), true);
  assertEquals(dev.isImpersonated(address), true);
  assertEquals(await blocks.coinbase(), before);
  assertEquals(await identity.chainId(), "0x4d");
  await dev.mine(1n);
  const { gasLimit, baseFeePerGas } = await chain.block(1n);
  assertEquals([gasLimit, baseFeePerGas], ["0x1312d00", "0x342770c0"]);
});

Deno.test("Revert turns the clock back to what it showed when the snapshot was taken", async () => {
  let now = NOW_MS;
  using chain = await testChain({ now: () => now });
  const { dev } = chain.node;
  await dev.increaseTime(50n);
  const id = await dev.snapshot();
  now += 1_000_000;
  await dev.increaseTime(7n);
  await dev.revert(id);
  await dev.mine(1n);
  assertEquals(BigInt(String((await chain.block(1n))["timestamp"])), BigInt(NOW_MS / 1000) + 50n);
});
