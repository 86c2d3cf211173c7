import { assert, assertEquals } from "@std/assert";
import { createTestClient, publicActions, testActions, webSocket } from "../clients/viem.ts";
import { freePort } from "../support/free_port.ts";
import { UpstreamProxy } from "../support/upstream_proxy.ts";
import { until } from "../support/until.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";
import { closeSocket } from "./viem_socket.ts";

const API = ["--ws.api", "eth,net,web3,txpool,evm,anvil,hardhat"];
const ALICE = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const SOMEONE = `0x${"a1".repeat(20)}` as const;
const ONE_ETHER = 10n ** 18n;
/** What each block of the upstreams gives to {@link SOMEONE}. */
const GIFT = "0x1";

type Fields = Readonly<Record<string, unknown>>;

/** A Sallyport with a chain of some blocks, each with a transfer of one wei. */
async function startUpstream(blocks: number): Promise<ServerProcess> {
  const upstream = await ServerProcess.start({ flags: API });
  await using client = await RpcSocket.open(upstream.url);
  for (let number = 1; number <= blocks; number++) {
    await client.call("eth_sendTransaction", { from: ALICE, to: SOMEONE, value: GIFT });
  }
  return upstream;
}

function startFork(url: string, options: { flags?: readonly string[]; permissions?: readonly string[] } = {}) {
  const { flags = [], permissions = [] } = options;
  return ServerProcess.start({ flags: [...API, "--fork.url", url, ...flags], permissions });
}

async function messageOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}

for (const mode of ["anvil", "hardhat"] as const) {
  Deno.test(`viem's test client resets a fork in ${mode} mode: to another block, to another node, to the newest block`, async () => {
    await using one = await startUpstream(6);
    await using other = await startUpstream(3);
    await using server = await startFork(one.url, { flags: ["--fork.block", "4"] });
    const transport = webSocket(server.url, { reconnect: false, keepAlive: false, retryCount: 0 });
    const client = createTestClient({ mode, transport, pollingInterval: 20 }).extend(publicActions)
      .extend(testActions({ mode }));
    const rpc = await client.transport.getRpcClient();
    let asked = 0xb000;
    const state = async () => {
      // An account that nobody has read: only the upstream of now can tell of it.
      assertEquals(await client.getBalance({ address: `0x${(++asked).toString(16).padStart(40, "0")}` }), 0n);
      return await known();
    };
    const known = async () => [
      Number(await client.getBlockNumber({ cacheTime: 0 })),
      Number(await client.getBalance({ address: SOMEONE })),
      await client.getTransactionCount({ address: ALICE }),
    ];
    try {
      assertEquals(await state(), [4, 4, 4]);
      await client.setBalance({ address: SOMEONE, value: ONE_ETHER });
      await client.mine({ blocks: 2 });
      assertEquals(await state(), [6, Number(ONE_ETHER), 4]);
      await client.reset({ blockNumber: 2n, jsonRpcUrl: one.url });
      assertEquals(await state(), [2, 2, 2]);
      await client.reset({ jsonRpcUrl: other.url });
      assertEquals(await state(), [3, 3, 3]);
      // No URL: the node of before, at its newest block.
      await client.reset();
      assertEquals(await state(), [3, 3, 3]);
      await client.reset({ jsonRpcUrl: one.url, blockNumber: 6n });
      await client.mine({ blocks: 1 });
      assertEquals(await state(), [7, 6, 6]);
      // What fails changes nothing.
      const lacking = await messageOf(() => client.reset({ jsonRpcUrl: one.url, blockNumber: 99n }));
      assert(lacking.includes("the upstream does not have block 99"), lacking);
      const noUrl = await messageOf(() => client.reset({ jsonRpcUrl: "ftp://127.0.0.1/secret" }));
      assert(noUrl.includes("the scheme ftp:// is not served"), noUrl);
      assertEquals(await state(), [7, 6, 6]);
      // Local changes over another node of the same chain.
      await client.setBalance({ address: SOMEONE, value: ONE_ETHER });
      const moved = await messageOf(() => client.setRpcUrl(other.url));
      assert(moved.includes("the upstream does not have block"), moved);
      await client.setRpcUrl(one.url);
      assertEquals(await state(), [7, Number(ONE_ETHER), 6]);
    } finally {
      await closeSocket(rpc);
    }
  });
}

Deno.test("a reset without a fork begins a chain of its own, and a later one forks again", async () => {
  await using upstream = await startUpstream(5);
  await using server = await startFork(upstream.url);
  await using client = await RpcSocket.open(server.url);
  const head = async () => Number(await client.call("eth_blockNumber"));
  const forkConfig = async () => (await client.call("anvil_nodeInfo") as { forkConfig: Fields }).forkConfig;
  assertEquals(await head(), 5);
  assertEquals(await client.call("anvil_reset"), null);
  assertEquals([await head(), await client.call("eth_getBalance", SOMEONE, "latest")], [0, "0x0"]);
  assertEquals(await forkConfig(), { forkUrl: null, forkBlockNumber: null, forkRetryBackoff: null });
  assertEquals((await client.call("anvil_metadata") as Fields)["forkedNetwork"], null);
  assertEquals(await client.call("hardhat_reset", { forking: { blockNumber: 3 } }), true);
  assertEquals([await head(), await client.call("eth_getBalance", SOMEONE, "latest")], [3, "0x3"]);
  assertEquals(await forkConfig(), { forkUrl: upstream.url, forkBlockNumber: 3, forkRetryBackoff: null });
  const { head: newest, state, blocks } = await client.call("eth_capabilities") as Record<string, Fields>;
  assertEquals([newest?.["number"], state?.["oldestBlock"], blocks?.["oldestBlock"]], ["0x3", "0x0", "0x0"]);
});

Deno.test("a reset takes back local blocks and tells the new head; mining goes on as it was set", async () => {
  await using upstream = await startUpstream(5);
  await using server = await startFork(upstream.url);
  await using client = await RpcSocket.open(server.url);
  await client.call("evm_setAutomine", false);
  const heads = await client.subscribe("newHeads");
  const logs = await client.subscribe("logs");
  const pending = await client.call("eth_newBlockFilter");
  await client.call("evm_mine");
  await until(() => heads.length === 1, "the mined block");
  await client.call("anvil_reset", { forking: { blockNumber: "0x2" } });
  await until(() => heads.length === 2, "the forked block");
  assertEquals(heads.map(({ number }) => Number(number)), [6, 2]);
  await client.call("eth_sendTransaction", { from: ALICE, to: SOMEONE, value: GIFT });
  assertEquals(await client.call("txpool_status"), { pending: "0x1", queued: "0x0" });
  await client.call("evm_mine");
  await until(() => heads.length === 3, "a block on top of it");
  assertEquals(heads.map(({ number }) => Number(number)), [6, 2, 3]);
  assertEquals(heads[2]?.["parentHash"], heads[1]?.["hash"]);
  assertEquals((await client.call("eth_getFilterChanges", pending) as string[]).at(-1), heads[2]?.["hash"]);
  assertEquals(logs, []);
  assertEquals(await client.call("hardhat_getAutomine"), false);
});

Deno.test("dumps hold what was changed here, and go into a fork of the same block", async () => {
  await using upstream = await startUpstream(3);
  await using server = await startFork(upstream.url);
  await using client = await RpcSocket.open(server.url);
  await client.call("anvil_setBalance", SOMEONE, "0x77");
  await client.call("anvil_setCode", SOMEONE, "0x00");
  const dump = await client.call("anvil_dumpState");
  assert(typeof dump === "string", JSON.stringify(dump));
  await client.call("anvil_reset", { forking: { blockNumber: 3 } });
  assertEquals(await client.call("eth_getBalance", SOMEONE, "latest"), "0x3");
  assertEquals(await client.call("anvil_loadState", dump), true);
  assertEquals(await client.call("eth_getBalance", SOMEONE, "latest"), "0x77");
  assertEquals(await client.call("eth_getCode", SOMEONE, "latest"), "0x00");
  assertEquals(await client.call("eth_getTransactionCount", ALICE, "latest"), "0x3");
});

Deno.test("a client cannot make the process connect to a host that it was not given", async () => {
  await using upstream = await startUpstream(1);
  const port = freePort();
  await using server = await startFork(upstream.url, { permissions: [`--deny-net=127.0.0.1:${port}`] });
  await using client = await RpcSocket.open(server.url);
  for (
    const [method, argument] of [
      ["anvil_reset", { forking: { jsonRpcUrl: `http://127.0.0.1:${port}/key` } }],
      ["anvil_setRpcUrl", `http://127.0.0.1:${port}/key`],
    ] as const
  ) {
    const refusal = await client.call(method, argument) as Fields;
    assertEquals(refusal["code"], -32602);
    assertEquals(
      refusal["message"],
      `cannot fork: this process may not connect to http://127.0.0.1:${port}: start it with that host in --fork.url, ` +
        "or with --sandbox=off and --allow-net",
    );
  }
  assertEquals(await client.call("eth_blockNumber"), "0x1");
});

Deno.test("a reset harms no call that is under way", async () => {
  await using upstream = await startUpstream(4);
  await using proxy = new UpstreamProxy({ target: upstream.url, delayMs: 50 });
  for (const url of [proxy.wsUrl, proxy.httpUrl]) {
    await using server = await startFork(url);
    await using client = await RpcSocket.open(server.url);
    let account = 0xb000;
    const reads: Promise<unknown>[] = [];
    let isReset = false;
    const reset = client.call("anvil_reset", { forking: { blockNumber: 2 } }).then((answer) => {
      isReset = true;
      return answer;
    });
    while (!isReset) {
      const address = `0x${(++account).toString(16).padStart(40, "0")}`;
      const read = client.call("eth_getBalance", address, "latest");
      reads.push(read);
      // One after the other until the reset, so that some are under way while it takes place.
      await Promise.race([read, reset, client.call("net_version")]);
    }
    assertEquals(await reset, null);
    assertEquals(new Set(await Promise.all(reads)), new Set(["0x0"]));
    assertEquals(await client.call("eth_getBalance", SOMEONE, "latest"), "0x2");
  }
});

Deno.test("the code of a funded account is cleared, its nonce stays, and the first screen says so", async () => {
  await using upstream = await startUpstream(2);
  await using node = await RpcSocket.open(upstream.url);
  // EIP-7702: the account is delegated to another's code.
  const delegation = `0xef0100${"de".repeat(20)}`;
  await node.call("anvil_setCode", ALICE, delegation);
  await node.call("evm_mine");
  await using server = await startFork(upstream.url);
  await using client = await RpcSocket.open(server.url);
  assertEquals(await client.call("eth_getCode", ALICE, "latest"), "0x");
  // Below the forked block everything is as it was.
  assertEquals(await client.call("eth_getCode", ALICE, "0x2"), delegation);
  assertEquals(await client.call("eth_getTransactionCount", ALICE, "latest"), "0x2");
  assertEquals(await node.call("eth_getCode", ALICE, "latest"), delegation);
  assert(
    /WARN .*Code of funded accounts cleared +accounts=0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266/.test(server.printed),
    server.printed,
  );
  assertEquals(await client.call("eth_config"), await node.call("eth_config"));
});
