import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  createTestClient,
  getAddress,
  type Hex,
  numberToHex,
  pad,
  parseEther,
  publicActions,
  testActions,
  webSocket,
} from "../clients/viem.ts";
import { mnemonicToAccount } from "../clients/viem_accounts.ts";
import { collect } from "./collect.ts";
import { ServerProcess } from "./server_process.ts";
import { closeSocket } from "./viem_socket.ts";

const MNEMONIC = "test test test test test test test test test test test junk";
const alice = mnemonicToAccount(MNEMONIC);
const SOMEONE = `0x${"a1".repeat(20)}` as const;
const OTHER = `0x${"b2".repeat(20)}` as const;
const NAMESPACES = "eth,net,web3,txpool,evm,anvil,hardhat";

type Mode = "anvil" | "hardhat";

/** viem's test client on a socket of its own; it keeps which of its test actions were called. */
async function connect(url: string, mode: Mode) {
  const transport = webSocket(url, { reconnect: false, keepAlive: false, retryCount: 0 });
  const whole = createTestClient({ mode, transport, pollingInterval: 50, account: alice }).extend(publicActions);
  const rpc = await whole.transport.getRpcClient();
  const called = new Set<string>();
  const client = new Proxy(whole, {
    get(target, name, receiver) {
      called.add(String(name));
      return Reflect.get(target, name, receiver);
    },
  });
  return {
    client,
    uncalled: () => Object.keys(testActions({ mode })(whole)).filter((name) => !called.has(name)),
    request: (method: string, ...params: unknown[]): Promise<unknown> =>
      whole.request({ method: method as never, params: params as never }),
    [Symbol.asyncDispose]: () => closeSocket(rpc),
  };
}

type Connection = Awaited<ReturnType<typeof connect>>;

/** A transaction that viem signs, so that nothing but the pool's rules decides on it. */
async function send(
  { client }: Connection,
  fields: { nonce?: number; value?: bigint; maxPriorityFeePerGas?: bigint } = {},
) {
  const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 9n };
  const nonce = await client.getTransactionCount({ address: alice.address, blockTag: "pending" });
  const request = { to: SOMEONE, value: 1n, gas: 21_000n, nonce, ...fees, ...fields };
  const serializedTransaction = await alice.signTransaction({ ...request, chainId: 1337, type: "eip1559" });
  return await client.sendRawTransaction({ serializedTransaction });
}

async function messageOf(call: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(call);
  return error instanceof Error ? error.message : String(error);
}

async function changesAccounts({ client }: Connection): Promise<void> {
  await client.setBalance({ address: SOMEONE, value: parseEther("3") });
  await client.setNonce({ address: SOMEONE, nonce: 7 });
  await client.setCode({ address: OTHER, bytecode: "0x60015f5260205ff3" });
  await client.setStorageAt({ address: OTHER, index: 2, value: pad("0x05") });
  await client.setStorageAt({ address: OTHER, index: pad("0x03"), value: pad("0x06") });
  assertEquals(await client.getBalance({ address: SOMEONE }), parseEther("3"));
  assertEquals(await client.getTransactionCount({ address: SOMEONE }), 7);
  assertEquals(await client.getCode({ address: OTHER }), "0x60015f5260205ff3");
  assertEquals((await client.call({ to: OTHER })).data, pad("0x01"));
  assertEquals(await client.getStorageAt({ address: OTHER, slot: "0x2" }), pad("0x05"));
  assertEquals(await client.getStorageAt({ address: OTHER, slot: "0x3" }), pad("0x06"));
}

async function sendsForOthers({ client, request }: Connection): Promise<void> {
  const transaction = { from: SOMEONE, to: OTHER, value: numberToHex(5n) };
  assertEquals((await messageOf(() => request("eth_sendTransaction", transaction))).includes("unknown account"), true);
  await client.impersonateAccount({ address: SOMEONE });
  const hash = await request("eth_sendTransaction", transaction) as Hex;
  const receipt = await client.getTransactionReceipt({ hash });
  assertEquals([receipt.from, receipt.status], [SOMEONE, "success"]);
  await client.stopImpersonatingAccount({ address: SOMEONE });
  assertEquals((await messageOf(() => request("eth_sendTransaction", transaction))).includes("unknown account"), true);
  const unsigned = await client.sendUnsignedTransaction({ from: SOMEONE, to: OTHER, value: 6n });
  assertEquals((await client.getTransactionReceipt({ hash: unsigned })).from, SOMEONE);
  assertEquals(await client.getBalance({ address: OTHER }), 11n);
  assertEquals(await client.getTransactionCount({ address: SOMEONE }), 9);
}

async function movesTime({ client }: Connection): Promise<void> {
  const start = await client.getBlock();
  const after = async () => Number((await client.getBlock()).timestamp - start.timestamp);
  await client.mine({ blocks: 3 });
  assertEquals(await client.getBlockNumber({ cacheTime: 0 }), start.number + 3n);
  await client.mine({ blocks: 2, interval: 60 });
  const [upper, lower] = [await client.getBlock(), await client.getBlock({ blockNumber: start.number + 4n })];
  assertEquals(upper.timestamp - lower.timestamp, 60n);
  const before = await after();
  assert(Number(await client.increaseTime({ seconds: 600 })) >= 720);
  await client.mine({ blocks: 1 });
  assert(await after() >= before + 600);
  await client.setNextBlockTimestamp({ timestamp: start.timestamp + 10_000n });
  await client.mine({ blocks: 1 });
  assertEquals(await after(), 10_000);
  await client.setBlockTimestampInterval({ interval: 15 });
  await client.mine({ blocks: 2 });
  assertEquals(await after(), 10_030);
  await client.removeBlockTimestampInterval();
  await client.increaseTime({ seconds: 1000 });
  await client.mine({ blocks: 1 });
  assert(await after() >= 11_000);
}

async function shapesBlocks(connection: Connection): Promise<void> {
  const { client } = connection;
  await client.setCoinbase({ address: OTHER });
  await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 12_345n });
  await client.setBlockGasLimit({ gasLimit: 12_345_678n });
  await client.mine({ blocks: 1 });
  const block = await client.getBlock();
  assertEquals([block.miner, block.baseFeePerGas, block.gasLimit], [OTHER, 12_345n, 12_345_678n]);
  await client.setMinGasPrice({ gasPrice: 5n });
  const message = await messageOf(() => send(connection, { maxPriorityFeePerGas: 4n }));
  assert(message.includes("gas tip cap 4, minimum needed 5"), message);
  await client.setMinGasPrice({ gasPrice: 1n });
  await send(connection, { maxPriorityFeePerGas: 4n });
}

async function holdsThePool(connection: Connection): Promise<void> {
  const { client } = connection;
  assertEquals(await client.getAutomine(), true);
  await client.setAutomine(false);
  assertEquals(await client.getAutomine(), false);
  const nonce = await client.getTransactionCount({ address: alice.address });
  const [ready, gapped] = [await send(connection), await send(connection, { nonce: nonce + 5 })];
  assertEquals(await client.getTxpoolStatus(), { pending: 1, queued: 1 });
  const { pending, queued } = await client.getTxpoolContent();
  assertEquals(pending[alice.address]?.[String(nonce)]?.hash, ready);
  assertEquals(queued[alice.address]?.[String(nonce + 5)]?.hash, gapped);
  const lines = await client.inspectTxpool();
  // viem's type says an object; geth, anvil and this server send a line of text.
  assertEquals(
    lines.pending[alice.address] as unknown,
    { [nonce]: `${getAddress(SOMEONE)}: 1 wei + 21000 gas × 10000000000 wei` },
  );
  await client.dropTransaction({ hash: gapped });
  assertEquals(await client.getTxpoolStatus(), { pending: 1, queued: 0 });
  await client.setAutomine(true);
  assertEquals((await client.getTransactionReceipt({ hash: ready })).status, "success");
  assertEquals(await client.getTxpoolStatus(), { pending: 0, queued: 0 });
}

async function minesOnATimer({ client, request }: Connection, mode: Mode): Promise<void> {
  const heads = collect<bigint | null>();
  const stop = client.watchBlocks({ onBlock: ({ number }) => heads.push(number), onError: heads.fail });
  const next = await client.getBlockNumber({ cacheTime: 0 }) + 1n;
  await client.setIntervalMining({ interval: 1 });
  // The unit of evm_setIntervalMining is anvil's; in the mode for hardhat viem sends milliseconds.
  assertEquals(await request("anvil_getIntervalMining"), mode === "anvil" ? 1 : 1000);
  assertEquals(await client.getAutomine(), false);
  if (mode === "anvil") assertEquals(await heads.take(1), [next]);
  await client.setIntervalMining({ interval: 0 });
  assertEquals(await request("anvil_getIntervalMining"), null);
  await client.setAutomine(true);
  stop();
}

async function goesBack(connection: Connection): Promise<void> {
  const { client } = connection;
  const balance = () => client.getBalance({ address: OTHER });
  const first = await balance();
  const outer = await client.snapshot();
  const number = await client.getBlockNumber({ cacheTime: 0 });
  await client.setBalance({ address: OTHER, value: 100n });
  const inner = await client.snapshot();
  await client.mine({ blocks: 4 });
  await client.setBalance({ address: OTHER, value: 200n });
  await client.revert({ id: inner });
  assertEquals([await balance(), await client.getBlockNumber({ cacheTime: 0 })], [100n, number]);
  await client.revert({ id: outer });
  assertEquals(await balance(), first);
}

async function startsOver({ client, request }: Connection, mode: Mode): Promise<void> {
  await client.setBalance({ address: OTHER, value: 77n });
  await client.setStorageAt({ address: OTHER, index: 9, value: pad("0x09") });
  const state = await client.dumpState();
  await client.reset();
  assertEquals(await client.getBlockNumber({ cacheTime: 0 }), 0n);
  assertEquals(await client.getBalance({ address: OTHER }), 0n);
  await client.loadState({ state });
  assertEquals(await client.getBalance({ address: OTHER }), 77n);
  assertEquals(await client.getStorageAt({ address: OTHER, slot: "0x9" }), pad("0x09"));
  assertEquals(await client.getTransactionCount({ address: SOMEONE }), 9);
  const forked = await messageOf(() => client.reset({ jsonRpcUrl: "http://127.0.0.1:1", blockNumber: 1n }));
  assert(forked.includes("cannot fork: this chain is not a fork of another"), forked);
  const moved = await messageOf(() => client.setRpcUrl("http://127.0.0.1:1"));
  assert(moved.includes("there is no upstream URL to change"), moved);
  // Hardhat documents true, anvil null.
  assertEquals(await request(`${mode}_reset`), mode === "hardhat" ? true : null);
  assertEquals(await client.getBalance({ address: OTHER }), 0n);
}

async function logsCalls({ client, request }: Connection, server: ServerProcess): Promise<void> {
  assertEquals(/Served/.test(server.printed), false);
  await client.setLoggingEnabled(true);
  await request("eth_gasPrice");
  await server.waitForOutput(/Served.*method=eth_gasPrice/);
  await client.setLoggingEnabled(false);
  await request("eth_maxPriorityFeePerGas");
  await client.setLoggingEnabled(true);
  await request("web3_clientVersion");
  await server.waitForOutput(/Served.*method=web3_clientVersion/);
  assertEquals(/Served.*method=eth_maxPriorityFeePerGas/.test(server.printed), false);
}

for (const mode of ["anvil", "hardhat"] as const) {
  Deno.test(`Every action of viem's test client has its effect in mode ${mode}`, async (t) => {
    await using server = await ServerProcess.start({ flags: ["--ws.api", NAMESPACES] });
    await using connection = await connect(server.url, mode);
    await t.step("accounts change", () => changesAccounts(connection));
    await t.step("transactions of others are sent", () => sendsForOthers(connection));
    await t.step("time moves as it is told", () => movesTime(connection));
    await t.step("blocks get the fields that are set", () => shapesBlocks(connection));
    await t.step("without automine the pool keeps and shows transactions", () => holdsThePool(connection));
    await t.step("a timer mines", () => minesOnATimer(connection, mode));
    await t.step("snapshots nest", () => goesBack(connection));
    await t.step("state is dumped, reset and loaded", () => startsOver(connection, mode));
    await t.step("calls are logged when asked for", () => logsCalls(connection, server));
    await t.step("no action was left out", () => assertEquals(connection.uncalled(), []));
  });
}

Deno.test("Control of the node is off until it is asked for", async () => {
  await using server = await ServerProcess.start();
  await using connection = await connect(server.url, "anvil");
  for (const method of ["anvil_mine", "hardhat_mine", "evm_mine", "txpool_status", "eth_sendUnsignedTransaction"]) {
    const message = await messageOf(() => connection.request(method));
    assert(message.includes(`the method ${method} does not exist/is not available`), message);
  }
});
