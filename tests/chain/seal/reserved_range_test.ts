import { assert, assertEquals, assertRejects } from "@std/assert";
import { ALL_PARTS, NO_PARTS } from "../../../src/events/mod.ts";
import type { Hash } from "../../../src/eth/types.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { EMITTER, NOW_MS, type TestChain, testChain } from "../fixture.ts";

const MILLION = 2n ** 20n;
const NOW = BigInt(Math.floor(NOW_MS / 1000));

/** A chain that nobody listens to. */
async function quietChain(options = {}): Promise<TestChain> {
  const chain = await testChain(options);
  chain.node.events.want(NO_PARTS);
  return chain;
}

async function number(chain: TestChain, at: bigint, field: string): Promise<bigint> {
  return BigInt(String((await chain.block(at))[field]));
}

Deno.test("A million empty blocks are mined without being made, and linked like all others", async () => {
  using chain = await quietChain();
  await chain.node.dev.mine(MILLION);
  assertEquals(await chain.head(), MILLION);
  for (const at of [1n, 2n, 3n, 1_000n, 777_777n, MILLION - 1n, MILLION]) {
    const [below, block] = [await chain.block(at - 1n), await chain.block(at)];
    assertEquals(block["parentHash"], below["hash"], `block ${at}`);
    assertEquals(BigInt(String(block["number"])), at);
    assertEquals(
      (await chain.node.blocks.block({ hash: block["hash"] as Hash, requireCanonical: true }, false))?.decode(),
      block,
    );
    assertEquals(await number(chain, at, "timestamp"), NOW + at - 1n);
  }
});

Deno.test("Base fee and gas limit of reserved blocks are those of blocks that were sealed one by one", async () => {
  using sealed = await testChain();
  await sealed.node.dev.mine(400n);
  using reserved = await quietChain();
  await reserved.node.dev.mine(400n);
  for (const field of ["baseFeePerGas", "gasLimit", "excessBlobGas", "timestamp"]) {
    for (const at of [1n, 2n, 100n, 399n, 400n]) {
      assertEquals(await number(reserved, at, field), await number(sealed, at, field), `${field} of ${at}`);
    }
  }
});

Deno.test("Blocks with an interval are that far apart, and the clock goes ahead as far", async () => {
  using chain = await quietChain();
  await chain.node.dev.mine(MILLION, { interval: 60n });
  assertEquals(await number(chain, 1n, "timestamp"), NOW + 60n);
  assertEquals(await number(chain, 500_000n, "timestamp"), NOW + 60n * 500_000n);
  assertEquals(await number(chain, MILLION, "timestamp"), NOW + 60n * MILLION);
  await chain.node.dev.mine(1n);
  assertEquals(await number(chain, MILLION + 1n, "timestamp"), NOW + 60n * MILLION + 1n);
});

Deno.test("State, logs, receipts and traces are read across reserved blocks", async () => {
  using chain = await quietChain();
  const emitter = await chain.deploy(1, EMITTER);
  const emit = () => chain.send(1, { to: emitter, input: `0x${"7".padStart(64, "0")}`, gas: 100_000n });
  await emit();
  await chain.node.dev.mine(MILLION);
  const late = await emit();
  const middle = { number: MILLION / 2n } as const;
  const { state, blocks, raw, tracer } = chain.node;
  assertEquals(await state.nonce(chain.account(1).address, middle), "0x2");
  assertEquals((await blocks.receiptsOf(middle))?.decode(), []);
  assertEquals((await raw.rawReceipts(middle)).decode(), []);
  const { signal } = new AbortController();
  assertEquals((await tracer.traceBlock(middle, { trace: {}, signal })).decode(), []);
  const limits = { maxBlockRange: 0, maxAlternatives: 0 };
  const query = { fromBlock: { number: 0n }, toBlock: { tag: "latest" } } as const;
  for (const addresses of [[], [emitter]]) {
    const logs = (await blocks.logs({ ...query, addresses, topics: [] }, limits)).decode() as { blockNumber: string }[];
    assertEquals(logs.map(({ blockNumber }) => BigInt(blockNumber)), [2n, MILLION + 3n]);
  }
  assertEquals((await chain.receipt(late))["blockNumber"], `0x${(MILLION + 3n).toString(16)}`);
});

Deno.test("BLOCKHASH of a block above reserved ones reaches into them", async () => {
  using chain = await quietChain();
  await chain.node.dev.mine(MILLION);
  const to = `0x${"c0".repeat(20)}` as const;
  // BLOCKHASH of the first word of the input.
  await chain.node.dev.setCode(to, "0x5f35405f5260205ff3");
  const asked = MILLION - 100n;
  const input = `0x${asked.toString(16).padStart(64, "0")}` as const;
  const answer = await chain.node.executor.call({ to, input }, { tag: "latest" }, {
    signal: new AbortController().signal,
  });
  assertEquals(answer, (await chain.block(asked))["hash"]);
});

Deno.test("A snapshot within reserved blocks comes back, also after other blocks took their place", async () => {
  using chain = await quietChain();
  const { dev } = chain.node;
  await dev.mine(MILLION);
  const before = await chain.block(MILLION);
  const outer = await dev.snapshot();
  await dev.rollback(1_000);
  assertEquals(await chain.head(), MILLION - 1_000n);
  await dev.mine(3n);
  assertEquals(await dev.revert(outer), true);
  assertEquals(await chain.block("latest"), before);
  assertEquals((await chain.block(MILLION - 500n))["parentHash"], (await chain.block(MILLION - 501n))["hash"]);
});

Deno.test("A dump keeps reserved blocks as a range, and a chain that loads it has the same blocks", async () => {
  using chain = await quietChain();
  await chain.node.dev.mine(MILLION);
  await chain.send(1, { to: chain.account(2).address, value: 5n });
  const dump = await chain.node.dev.dumpState(false);
  assert(dump.length < 100_000);
  using other = await quietChain();
  await other.node.dev.loadState(dump);
  for (const at of [1n, 333_333n, MILLION, MILLION + 1n]) assertEquals(await other.block(at), await chain.block(at));
});

Deno.test("Whoever is notified of blocks hears of each of them", async () => {
  using chain = await testChain();
  chain.node.events.want({ ...ALL_PARTS, headers: false });
  await chain.node.dev.mine(2_000n);
  const numbers = chain.events.flatMap((event) => event.kind === "block" ? [event.block] : []);
  assertEquals(numbers.map((block) => block.number), Array.from({ length: 2_000 }, (_, index) => BigInt(index) + 1n));
  assertEquals(numbers.slice(1).map((block) => block.parentHash), numbers.slice(0, -1).map((block) => block.hash));
});

Deno.test("Blocks beyond the numbers that clients can hold are refused, and nothing is mined", async () => {
  using chain = await quietChain();
  const error = await assertRejects(() => chain.node.dev.mine(2n ** 53n), RpcError);
  assertEquals(error.code, -32602);
  assertEquals(await chain.head(), 0n);
});
