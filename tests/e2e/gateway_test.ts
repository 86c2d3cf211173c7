import { assert, assertEquals, assertMatch } from "@std/assert";
import { startAnvil, startGeth, type Target } from "../bench/targets.ts";
import { until } from "../support/until.ts";
import { toolTest } from "../support/tools.ts";
import { RpcSocket, type Told } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";
import { ethersScenario } from "./ethers_scenario.ts";
import { viemScenario } from "./viem_scenario.ts";
import { freePort } from "../support/free_port.ts";

const DEV = "0x71562b71999873db5b286df957af199ec94617f7";
const NOBODY = `0x${"77".repeat(20)}`;

function startGateway(upstreams: readonly string[], flags: readonly string[] = []): Promise<ServerProcess> {
  return ServerProcess.start({ flags: ["--upstream", upstreams.join(), ...flags] });
}

/** A chain of this program's own, on a port that stays the same when it comes back. */
function startChain(port: number): Promise<ServerProcess> {
  return ServerProcess.start({ flags: ["--ws.port", String(port), "--ws.api", "eth,net,web3,evm,anvil,debug,txpool"] });
}

/** Mines one block with a fixed time at each node: two development chains with one clock make the same blocks. */
async function mine(nodes: readonly RpcSocket[], timestamp: number): Promise<void> {
  for (const node of nodes) await node.call("evm_mine", `0x${timestamp.toString(16)}`);
}

/** Each block once, each on its parent. */
function assertChain(heads: Told): void {
  for (const [index, head] of heads.entries()) {
    if (index > 0) {
      assertEquals(head["parentHash"], heads[index - 1]?.["hash"], `head ${index} joins the one before it`);
    }
  }
}

/** Questions whose answers must be those of the node itself. */
const READS: readonly (readonly [method: string, ...params: unknown[]])[] = [
  ["eth_chainId"],
  ["net_version"],
  ["eth_getBalance", DEV, "latest"],
  ["eth_getCode", DEV, "latest"],
  ["eth_getStorageAt", DEV, "0x0", "latest"],
  ["eth_getTransactionCount", DEV, "latest"],
  ["eth_getBlockByNumber", "latest", true],
  ["eth_getBlockByNumber", "0x0", false],
  ["eth_getBlockByNumber", "0xffffff", false],
  ["eth_getBlockTransactionCountByNumber", "latest"],
  ["eth_getBlockReceipts", "latest"],
  ["eth_getTransactionByHash", `0x${"ab".repeat(32)}`],
  ["eth_getTransactionReceipt", `0x${"ab".repeat(32)}`],
  ["eth_call", { to: NOBODY, input: "0x01" }, "latest"],
  ["eth_call", { to: NOBODY }, "latest", { [NOBODY]: { code: "0x60015f5260205ff3" } }],
  ["eth_call", { to: NOBODY }, "latest", { [NOBODY]: { code: "0x5f5ffd" } }],
  ["eth_estimateGas", { from: DEV, to: NOBODY, value: "0x1" }],
  ["eth_getLogs", { fromBlock: "0x0", toBlock: "latest" }],
  ["eth_feeHistory", "0x2", "latest", [10, 50]],
  ["eth_gasPrice"],
  ["eth_getProof", DEV, ["0x0"], "latest"],
  ["eth_getBalance", DEV, { blockHash: `0x${"ab".repeat(32)}` }],
];

async function assertSameReads(gateway: RpcSocket, node: RpcSocket): Promise<void> {
  for (const [method, ...params] of READS) {
    const [through, direct] = [await gateway.call(method, ...params), await node.call(method, ...params)];
    assertEquals([method, through], [method, direct]);
  }
}

Deno.test("A gateway before another Sallyport answers as it does, and loses no block while it is killed and comes back", async () => {
  const port = freePort();
  let chain = await startChain(port);
  try {
    await using gateway = await startGateway([`ws://user:SECRET@127.0.0.1:${port}/`]);
    await using client = await RpcSocket.open(gateway.url);
    {
      await using node = await RpcSocket.open(chain.url);
      await node.call("eth_sendTransaction", { from: DEV, to: NOBODY, value: "0x1" });
      await until(async () => await client.call("eth_blockNumber") === "0x1");
      await assertSameReads(client, node);
      const heads = await client.subscribe("newHeads");
      await node.call("anvil_mine", "0x3");
      await until(() => heads.length === 3);
      await node.call("anvil_reorg", 2, []);
      await until(() => heads.length === 5);
      assertEquals(heads[3]?.["parentHash"], heads[0]?.["hash"], "the new branch grows from the block that stayed");
      assertEquals(await client.call("eth_blockNumber"), "0x4");
    }
    await chain.stop("SIGKILL");
    const late = client.call("eth_getBalance", NOBODY, "pending");
    chain = await startChain(port);
    await gateway.waitForOutput(/Upstream connected[\s\S]*Upstream lost[\s\S]*Upstream connected/);
    assertEquals(await late, "0x0", "the read waited for the node to come back");
    assert(!gateway.printed.includes("SECRET"), gateway.printed);
    assertMatch(gateway.printed, /Gateway +chainid=1337/);
  } finally {
    await chain.stop();
  }
});

Deno.test("A gateway follows another node when the first dies, with every block told once", async () => {
  const first = await startChain(freePort());
  await using second = await startChain(freePort());
  await using one = await RpcSocket.open(first.url);
  await using other = await RpcSocket.open(second.url);
  try {
    await using gateway = await startGateway([first.url, second.url]);
    await using client = await RpcSocket.open(gateway.url);
    const heads = await client.subscribe("newHeads");
    const start = Number((await client.call("eth_getBlockByNumber", "latest", false) as Told[number])["timestamp"]);
    for (let i = 1; i <= 3; i++) await mine([one, other], start + i * 10);
    await until(() => heads.length === 3);
    await first.stop("SIGKILL");
    for (let i = 4; i <= 6; i++) await mine([other], start + i * 10);
    await until(() => heads.length === 6);
    assertChain(heads);
    assertEquals(heads.map(({ number }) => Number(number)), [1, 2, 3, 4, 5, 6]);
  } finally {
    await first.stop();
  }
});

Deno.test("A node of another chain is refused by name, and what controls a node does not pass", async () => {
  await using chain = await startChain(freePort());
  await using stranger = await ServerProcess.start({ flags: ["--ws.api", "eth,anvil"] });
  await using there = await RpcSocket.open(stranger.url);
  await there.call("anvil_setChainId", "0x7");
  await using gateway = await startGateway([chain.url, stranger.url], ["--ws.api", "eth,debug,net"]);
  await gateway.waitForOutput(/Upstream refused.*it is of chain 7, and this gateway serves chain 1337/);
  await using client = await RpcSocket.open(gateway.url);
  for (const method of ["debug_setHead", "debug_startCPUProfile", "eth_signTransactionX"]) {
    assertEquals(await client.call(method), {
      code: -32601,
      message: `the method ${method} controls a node, and is not passed through`,
    });
  }
  assertEquals(await client.call("eth_accounts"), [], "the accounts of the node are not this gateway's");
});

Deno.test("However many subscribers there are, the node has one subscription", async () => {
  await using chain = await startChain(freePort());
  await using gateway = await startGateway([chain.url]);
  const clients = await Promise.all(Array.from({ length: 200 }, () => RpcSocket.open(gateway.url)));
  try {
    const told = await Promise.all(
      clients.flatMap((client) => [client.subscribe("newHeads"), client.subscribe("logs", {})]),
    );
    assertEquals(told.length, 400);
    const { subscriptions } = await (await fetch(`${chain.url.replace("ws:", "http:")}/health`)).json();
    assertEquals(subscriptions, 1);
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});

async function assertBefore(node: Target): Promise<void> {
  await using gateway = await startGateway([node.url], ["--ws.api", "eth,net,web3,debug"]);
  await using client = await RpcSocket.open(gateway.url);
  await using direct = await RpcSocket.open(node.url);
  const heads = await client.subscribe("newHeads");
  await direct.call("eth_sendTransaction", {
    from: (await direct.call("eth_accounts") as string[])[0],
    to: NOBODY,
    value: "0x1",
  });
  await until(() => heads.length === 1);
  await until(async () => await client.call("eth_blockNumber") === await direct.call("eth_blockNumber"));
  assertEquals(await client.call("eth_getBalance", NOBODY, "latest"), "0x1");
  await assertSameReads(client, direct);
}

toolTest("geth", {
  name: "A gateway before geth answers as geth does",
  async fn() {
    await using geth = await startGeth();
    if (geth !== null) await assertBefore(geth);
  },
});

toolTest("anvil", {
  name: "A gateway before anvil answers as anvil does",
  async fn() {
    await using anvil = await startAnvil();
    if (anvil !== null) await assertBefore(anvil);
  },
});

Deno.test("viem works through a gateway", async (t) => {
  await using chain = await startChain(freePort());
  await using gateway = await startGateway([chain.url]);
  await viemScenario(t, gateway.url, { signs: false });
});

Deno.test("ethers works through a gateway", async () => {
  await using chain = await startChain(freePort());
  await using gateway = await startGateway([chain.url]);
  await ethersScenario(gateway.url, { signs: false });
});
