import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../../../src/rpc/error.ts";
import type { BlockRef, LogQuery } from "../../../../src/eth/types.ts";
import { EMITTER, type TestChain, testChain } from "../../fixture.ts";

const NO_LIMITS = { maxBlockRange: 0, maxAlternatives: 0 };
const UNKNOWN = `0x${"12".repeat(32)}` as const;
const topic = (digit: string) => `0x${digit.padStart(64, "0")}` as const;

/** Blocks 2 to 5 log topics 1, 2, 1, 3. */
async function loggingChain(): Promise<{ chain: TestChain; emitter: `0x${string}` }> {
  const chain = await testChain();
  const emitter = await chain.deploy(1, EMITTER);
  for (const digit of ["1", "2", "1", "3"]) {
    await chain.send(1, { to: emitter, input: topic(digit), gas: 100_000n });
  }
  return { chain, emitter };
}

async function logBlocks(chain: TestChain, query: Partial<LogQuery>): Promise<string[]> {
  const whole = { addresses: [], topics: [], ...query };
  const logs = (await chain.node.blocks.logs(whole, NO_LIMITS)).decode() as { blockNumber: string }[];
  return logs.map((log) => log.blockNumber);
}

Deno.test("Receipt has geth's fields in geth's order", async () => {
  using chain = await testChain();
  const hash = await chain.send(1, { to: chain.account(2).address });
  assertEquals(Object.keys(await chain.receipt(hash)), [
    ...["blockHash", "blockNumber", "contractAddress", "cumulativeGasUsed", "effectiveGasPrice", "from", "gasUsed"],
    ...["logs", "logsBloom", "status", "to", "transactionHash", "transactionIndex", "type"],
  ]);
});

Deno.test("Transaction objects have the fields of their type, in geth's order", async () => {
  using chain = await testChain();
  const to = chain.account(2).address;
  const keys = async (request: object) => Object.keys(await chain.transaction(await chain.send(1, { to, ...request })));
  const head = ["blockHash", "blockNumber", "blockTimestamp", "from", "gas", "gasPrice"];
  const call = ["hash", "input", "nonce", "to", "transactionIndex", "value", "type"];
  const signature = ["v", "r", "s"];
  assertEquals(await keys({ gasPrice: 10n ** 10n }), [...head, ...call, "chainId", ...signature]);
  assertEquals(await keys({ gasPrice: 10n ** 10n, accessList: [] }), [
    ...[...head, ...call, "accessList", "chainId", ...signature, "yParity"],
  ]);
  assertEquals(await keys({}), [
    ...[...head, "maxFeePerGas", "maxPriorityFeePerGas", ...call, "accessList", "chainId", ...signature, "yParity"],
  ]);
});

Deno.test("Block has geth's fields, sorted, and whole transactions when asked", async () => {
  using chain = await testChain();
  const hash = await chain.send(1, { to: chain.account(2).address });
  const block = await chain.block(1n, true);
  assertEquals(Object.keys(block), [
    ...["baseFeePerGas", "blobGasUsed", "difficulty", "excessBlobGas", "extraData", "gasLimit", "gasUsed", "hash"],
    ...["logsBloom", "miner", "mixHash", "nonce", "number", "parentBeaconBlockRoot", "parentHash", "receiptsRoot"],
    ...["requestsHash", "sha3Uncles", "size", "stateRoot", "timestamp", "transactions", "transactionsRoot", "uncles"],
    ...["withdrawals", "withdrawalsRoot"],
  ]);
  assertEquals((block["transactions"] as unknown[])[0], await chain.transaction(hash));
  assertEquals(BigInt(String(block["size"])), BigInt((await chain.node.raw.rawBlock({ number: 1n })).length / 2 - 1));
});

Deno.test("newHeads header is in the order of geth's header, absent fields null", async () => {
  using chain = await testChain();
  await chain.node.dev.mine(1n);
  const event = chain.events.at(-1);
  if (event?.kind !== "block") throw new Error("no block event");
  const header = event.block.header?.decode() as Record<string, unknown>;
  assertEquals(Object.keys(header), [
    ...["parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"],
    ...["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"],
    ...["baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot"],
    ...["requestsHash", "blockAccessListHash", "slotNumber", "hash"],
  ]);
  assertEquals([header["slotNumber"], header["hash"]], [null, (await chain.block(1n))["hash"]]);
});

Deno.test("Reads of blocks that do not exist answer null, reads of their state fail as geth's do", async () => {
  using chain = await testChain();
  const { blocks: reader, state } = chain.node;
  const hash: BlockRef = { hash: UNKNOWN, requireCanonical: false };
  for (const at of [{ number: 9n }, hash]) {
    assertEquals(await reader.block(at, false), null);
    assertEquals(await reader.header(at), null);
    assertEquals(await reader.receiptsOf(at), null);
    assertEquals(await reader.transactionCountOf(at), null);
    assertEquals(await reader.transactionAt(at, 0), null);
  }
  const address = chain.account(1).address;
  const missing = await assertRejects(async () => await state.balance(address, { number: 9n }), RpcError);
  assertEquals([missing.code, missing.message], [-32000, "header not found"]);
  const unknown = await assertRejects(async () => await state.code(address, hash), RpcError);
  assertEquals([unknown.code, unknown.message], [-32000, "header for hash not found"]);
});

Deno.test("A block that left the chain is readable by hash, but not when it must be canonical", async () => {
  using chain = await testChain();
  await chain.node.dev.mine(1n);
  const hash = (await chain.block(1n))["hash"] as `0x${string}`;
  await chain.node.dev.reorg(1, []);
  const at = { hash, requireCanonical: false };
  assertEquals(((await chain.node.blocks.block(at, false))?.decode() as { hash: string }).hash, hash);
  const canonical = async () =>
    await chain.node.state.balance(chain.account(1).address, { hash, requireCanonical: true });
  assertEquals((await assertRejects(canonical, RpcError)).message, "hash is not currently canonical");
});

Deno.test("State of every old block stays readable", async () => {
  using chain = await testChain();
  const to = chain.account(9).address;
  for (let value = 1n; value <= 3n; value++) await chain.send(1, { to, value });
  const balances = [];
  for (const number of [0n, 1n, 2n, 3n]) {
    balances.push(BigInt(await chain.node.state.balance(to, { number })) - 10_000n * 10n ** 18n);
  }
  assertEquals(balances, [0n, 1n, 3n, 6n]);
});

Deno.test("gcmode full keeps the states of the newest 128 blocks", async () => {
  using chain = await testChain({ gcmode: "full" });
  await chain.node.dev.mine(130n);
  const address = chain.account(1).address;
  assertEquals(await chain.node.state.nonce(address, { number: 3n }), "0x0");
  await assertRejects(
    async () => await chain.node.state.nonce(address, { number: 2n }),
    RpcError,
    "missing trie node",
  );
  assertEquals((await chain.block(2n))["number"], "0x2");
});

Deno.test("Finalized is the end of the last epoch of 32, safe is the head, as on geth --dev", async () => {
  using chain = await testChain();
  await chain.node.dev.mine(40n);
  const number = async (tag: "safe" | "finalized" | "latest" | "earliest") =>
    ((await chain.node.blocks.block({ tag }, false))?.decode() as { number: string }).number;
  assertEquals(await number("finalized"), "0x20");
  assertEquals([await number("safe"), await number("latest"), await number("earliest")], ["0x28", "0x28", "0x0"]);
});

Deno.test("Logs are found by address, topic, range and block hash", async () => {
  const { chain, emitter } = await loggingChain();
  using _ = chain;
  const range = { fromBlock: { number: 0n }, toBlock: { tag: "latest" } } as const;
  assertEquals(await logBlocks(chain, { ...range }), ["0x2", "0x3", "0x4", "0x5"]);
  assertEquals(await logBlocks(chain, { ...range, addresses: [emitter] }), ["0x2", "0x3", "0x4", "0x5"]);
  assertEquals(await logBlocks(chain, { ...range, topics: [[topic("1")]] }), ["0x2", "0x4"]);
  assertEquals(await logBlocks(chain, { ...range, topics: [[topic("2"), topic("3")]] }), ["0x3", "0x5"]);
  assertEquals(await logBlocks(chain, { ...range, topics: [null] }), ["0x2", "0x3", "0x4", "0x5"]);
  assertEquals(await logBlocks(chain, { ...range, topics: [[topic("1")], null] }), []);
  assertEquals(await logBlocks(chain, { ...range, addresses: [chain.account(1).address] }), []);
  assertEquals(await logBlocks(chain, { fromBlock: { number: 3n }, toBlock: { number: 4n } }), ["0x3", "0x4"]);
  assertEquals(await logBlocks(chain, {}), ["0x5"]);
  const blockHash = (await chain.block(4n))["hash"] as `0x${string}`;
  assertEquals(await logBlocks(chain, { blockHash, topics: [[topic("1")]] }), ["0x4"]);
});

Deno.test("Log queries that cannot be answered fail with geth's codes and texts", async () => {
  const { chain } = await loggingChain();
  using _ = chain;
  const limits = { maxBlockRange: 2, maxAlternatives: 2 };
  const cases: readonly (readonly [Partial<LogQuery>, number, string])[] = [
    [{ fromBlock: { number: 3n }, toBlock: { number: 1n } }, -32602, "invalid block range params"],
    [{ fromBlock: { number: 1n }, toBlock: { number: 99n } }, -32602, "block range extends beyond current head block"],
    [{ fromBlock: { tag: "pending" } }, -32602, "pending logs are not supported"],
    [{ fromBlock: { number: 1n }, toBlock: { number: 4n } }, -32602, "exceed maximum block range 2"],
    [{ blockHash: UNKNOWN }, -32000, "unknown block"],
    [{ blockHash: UNKNOWN, fromBlock: { number: 1n } }, -32602, "can't specify fromBlock/toBlock with blockHash"],
    [{ topics: [null, null, null, null, null] }, -32000, "exceed max topics"],
    [{ topics: [[UNKNOWN, UNKNOWN, UNKNOWN]] }, -32000, "exceed max addresses or topics per search position"],
  ];
  for (const [query, code, message] of cases) {
    const search = () => Promise.resolve(chain.node.blocks.logs({ addresses: [], topics: [], ...query }, limits));
    const error = await assertRejects(search, RpcError);
    assertEquals([error.code, error.message], [code, message]);
  }
});

Deno.test("Blocks read after they were turned into bytes are what they were", async () => {
  const { chain } = await loggingChain();
  using _ = chain;
  const at = { number: 2n } as const;
  const { raw, blocks } = chain.node;
  // Raw encodings are made from the block at each call, other answers may be kept from the first one.
  const read = () => Promise.all([raw.rawBlock(at), raw.rawReceipts(at), blocks.receiptsOf(at)]);
  const before = await read();
  const { gasUsed } = await chain.block(2n, true);
  await chain.node.dev.mine(300n);
  assertEquals(await read(), before);
  assertEquals((before[1].decode() as unknown[]).length, 1);
  assertEquals(JSON.parse(before[2]?.text ?? "")[0].cumulativeGasUsed, gasUsed);
});

Deno.test("Raw receipts of an unknown hash are none, those of an unknown number null", async () => {
  using chain = await testChain();
  assertEquals((await chain.node.raw.rawReceipts({ hash: UNKNOWN, requireCanonical: false })).decode(), []);
  assertEquals((await chain.node.raw.rawReceipts({ number: 99n })).decode(), null);
});
