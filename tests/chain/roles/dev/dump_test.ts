import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { Address, Data, Hash } from "../../../../src/eth/types.ts";
import { RpcError } from "../../../../src/rpc/error.ts";
import { EMITTER, type TestChain, testChain } from "../../fixture.ts";

const SLOT = `0x${"2".padStart(64, "0")}` as const;
const SOMEONE = `0x${"77".repeat(20)}` as const;

/** Three blocks: a contract, a log of it, and a transaction without a signature. */
async function live(chain: TestChain): Promise<{ emitter: Address; logged: Hash; unsigned: Hash }> {
  const { dev, submit } = chain.node;
  const emitter = await chain.deploy(1, EMITTER);
  await dev.setStorageAt(emitter, SLOT, SLOT);
  const logged = await chain.send(1, { to: emitter, input: SLOT, gas: 100_000n });
  await dev.setBalance(SOMEONE, 10n ** 18n);
  const request = { from: SOMEONE, to: emitter, value: 5n, gas: 100_000n };
  const unsigned = await dev.sendUnsigned(await submit.fill(request, new AbortController().signal));
  return { emitter, logged, unsigned };
}

async function logsOf(chain: TestChain, address: Address): Promise<unknown> {
  const query = { addresses: [address], topics: [], fromBlock: { number: 0n } };
  return (await chain.node.blocks.logs(query, { maxBlockRange: 0, maxAlternatives: 0 })).decode();
}

function gzipped(state: unknown): Promise<Data> {
  return compressed(new TextEncoder().encode(JSON.stringify(state)));
}

async function compressed(bytes: Uint8Array<ArrayBuffer>): Promise<Data> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return `0x${(await new Response(stream).bytes()).toHex()}`;
}

async function inflated(dump: Data): Promise<Record<string, unknown>> {
  const stream = new Blob([Uint8Array.fromHex(dump.slice(2))]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).json();
}

Deno.test("A dump makes a restarted chain what the old one was: blocks, receipts, logs and state", async () => {
  using source = await testChain();
  const { emitter, logged, unsigned } = await live(source);
  const dump = await source.node.dev.dumpState(false);
  using target = await testChain();
  assertEquals(await target.node.dev.loadState(dump), true);
  for (const number of [1n, 2n, 3n]) assertEquals(await target.block(number, true), await source.block(number, true));
  for (const hash of [logged, unsigned]) {
    assertEquals(await target.receipt(hash), await source.receipt(hash));
    assertEquals(await target.transaction(hash), await source.transaction(hash));
  }
  assertEquals(await logsOf(target, emitter), await logsOf(source, emitter));
  assertEquals(await target.node.state.code(emitter, { tag: "latest" }), `0x${EMITTER}`);
  assertEquals(await target.node.state.storage(emitter, SLOT, { tag: "latest" }), SLOT);
  assertEquals(await target.balance(emitter), 5n);
  assertEquals(target.story(), ["block 1", "block 2", "block 3"]);
  await target.send(1, { to: SOMEONE });
  await source.send(1, { to: SOMEONE });
  assertEquals(await target.block(4n), await source.block(4n));
});

Deno.test("A dump with history brings the old states back; without it they are not available", async () => {
  using source = await testChain();
  const { emitter } = await live(source);
  const [plain, whole] = [await source.node.dev.dumpState(false), await source.node.dev.dumpState(true)];
  using target = await testChain();
  await target.node.dev.loadState(whole);
  for (const number of [0n, 1n, 2n, 3n]) {
    for (const address of [emitter, SOMEONE, source.account(1).address]) {
      const at = { number };
      assertEquals(await target.node.state.balance(address, at), await source.node.state.balance(address, at));
      assertEquals(await target.node.state.nonce(address, at), await source.node.state.nonce(address, at));
      assertEquals(await target.node.state.code(address, at), await source.node.state.code(address, at));
    }
  }
  using other = await testChain();
  await other.node.dev.loadState(plain);
  await assertRejects(
    async () => await other.node.state.balance(emitter, { number: 1n }),
    RpcError,
    "missing trie node",
  );
  assertEquals(await other.node.state.balance(emitter, { number: 3n }), "0x5");
});

Deno.test("Loading an older dump of the same chain goes back to it, and reset still goes to the start", async () => {
  using chain = await testChain();
  const { dev } = chain.node;
  await dev.mine(2n);
  const dump = await dev.dumpState(false);
  await dev.setBalance(SOMEONE, 9n);
  await dev.mine(2n);
  chain.events.length = 0;
  await dev.loadState(dump);
  assertEquals(chain.story(), ["removed 4", "removed 3"]);
  assertEquals([await chain.head(), await chain.balance(SOMEONE)], [2n, 0n]);
  await dev.reset();
  assertEquals(await chain.head(), 0n);
});

Deno.test("A dump of another chain puts its accounts over those of the head, and time does not go back", async () => {
  using source = await testChain({ chainId: 99n });
  const { emitter } = await live(source);
  await source.node.dev.increaseTime(5000n);
  await source.node.dev.mine(1n);
  const dump = await source.node.dev.dumpState(true);
  using target = await testChain();
  await target.node.dev.mine(1n);
  const own = await target.block(1n);
  await target.node.dev.setBalance(`0x${"01".repeat(20)}`, 3n);
  await target.node.dev.loadState(dump);
  assertEquals(await target.block(1n), own);
  assertEquals(await target.head(), 1n);
  assertEquals([await target.balance(emitter), await target.balance(`0x${"01".repeat(20)}`)], [5n, 3n]);
  await target.node.dev.mine(1n);
  const [theirs, ours] = [await source.block("latest"), await target.block(2n)];
  assert(BigInt(String(ours["timestamp"])) >= BigInt(String(theirs["timestamp"])));
});

Deno.test("A dump that is not one is refused with its fault, and changes nothing", async () => {
  using chain = await testChain();
  await live(chain);
  const good = await inflated(await chain.node.dev.dumpState(true));
  await chain.node.dev.rollback(2);
  const root = (await chain.block("latest"))["stateRoot"];
  const { chainId, blocks } = good["sallyport"] as { chainId: string; blocks: Record<string, unknown>[] };
  const broken = (change: Record<string, unknown>) => ({
    chainId,
    blocks: blocks.map((block) => ({ ...block, ...change })),
  });
  const faults: readonly (readonly [state: unknown, message: string])[] = [
    [{}, "it has no accounts"],
    [{ ...good, accounts: { "0x12": {} } }, "0x12 is not an address"],
    [{ ...good, accounts: { [SOMEONE]: { balance: "-0x1", nonce: 0 } } }, "invalid state"],
    [{ ...good, accounts: { [SOMEONE]: { balance: `0x1${"0".repeat(64)}`, nonce: 0 } } }, "does not fit 256 bits"],
    [{ ...good, accounts: { [SOMEONE]: { balance: "0x0", nonce: 0, storage: { x: "0x1" } } } }, "invalid state"],
    [{ ...good, block: { timestamp: `0x1${"0".repeat(16)}` } }, "does not fit 64 bits"],
    [{ ...good, sallyport: broken({ block: "0x1234" }) }, "invalid state"],
    [{ ...good, sallyport: broken({ senders: [] }) }, "has no sender"],
    [{ ...good, sallyport: broken({ receipts: "0x01" }) }, "invalid state"],
    [
      { ...good, sallyport: { chainId, blocks: blocks.filter((_block, index) => index !== 1) } },
      "does not follow the one before",
    ],
  ];
  for (const [state, message] of faults) {
    const error = await assertRejects(
      async () => await chain.node.dev.loadState(await gzipped(state)),
      RpcError,
      message,
    );
    assertEquals(error.code, -32602);
  }
  for (const data of ["0x", "0x1f8b00", "0x7b7d", await compressed(new Uint8Array([1]))] as const) {
    assertEquals((await assertRejects(() => chain.node.dev.loadState(data), RpcError, "invalid state")).code, -32602);
  }
  assertEquals([(await chain.block("latest"))["stateRoot"], await chain.head()], [root, 1n]);
  assertNotEquals(await chain.node.dev.loadState(await gzipped(good)), false);
  assertEquals(await chain.head(), 3n);
});

Deno.test("A dump keeps numbers that a double would round", async () => {
  using source = await testChain();
  const nonce = 2n ** 64n - 2n;
  await source.node.dev.setNonce(SOMEONE, nonce);
  await source.node.dev.mine(1n);
  const dump = await source.node.dev.dumpState(true);
  using target = await testChain();
  assertEquals(await target.node.dev.loadState(dump), true);
  assertEquals(BigInt(await target.node.state.nonce(SOMEONE, { tag: "latest" })), nonce);
});
