import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer, RpcError, UsageError } from "../../src/mod.ts";
import { createPublicClient, createWalletClient, custom } from "../clients/viem.ts";
import { viemScenario } from "../e2e/viem_scenario.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("createServer is a provider that viem and a test suite can use without a port", async () => {
  await using server = await createServer({ "dev.accounts": 2 });
  assertEquals(server.accounts.length, 3);
  const transport = custom(server);
  const client = createPublicClient({ transport, pollingInterval: 10 });
  const wallet = createWalletClient({ transport });
  const [from, to] = await wallet.getAddresses();
  assert(from !== undefined && to !== undefined);
  const hash = await wallet.sendTransaction({ account: from, to, value: 1n, chain: null });
  assertEquals((await client.waitForTransactionReceipt({ hash })).status, "success");
});

Deno.test("createServer passes on errors and subscriptions as EIP-1193 has them", async () => {
  await using server = await createServer();
  const error = await assertRejects(() => server.request({ method: "eth_nothing" }), RpcError);
  assertEquals([error.code, error.message], [-32601, "the method eth_nothing does not exist/is not available"]);
  const invalid = await assertRejects(() => server.request({ method: "eth_call", params: [7] }), RpcError);
  assertEquals(invalid.code, -32602);

  const { promise, resolve } = Promise.withResolvers<unknown>();
  server.on("message", resolve);
  const subscription = await server.request({ method: "eth_subscribe", params: ["newPendingTransactions"] });
  const [account] = server.accounts;
  const params = [{ from: account?.address, to: account?.address, value: "0x1" }];
  const result = await server.request({ method: "eth_sendTransaction", params });
  assertEquals(await promise, { type: "eth_subscription", data: { subscription, result } });
});

Deno.test("createServer's fetch serves the whole scenario inside another program's Deno.serve", async (t) => {
  await using server = await createServer();
  await using listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request, info) => {
    return new URL(request.url).pathname === "/shop" ? new Response("a shop") : server.fetch(request, info);
  });
  const host = `127.0.0.1:${listener.addr.port}`;
  await viemScenario(t, `ws://${host}`);
  assertEquals(await (await fetch(`http://${host}/shop`)).text(), "a shop");
  assertEquals((await (await fetch(`http://${host}/health`)).json()).status, "ok");
  await server.stop();
  const late = await fetch(`http://${host}/ready`);
  assertEquals([late.status, await late.text()], [503, '{"status":"shutting down"}']);
});

Deno.test("createServer forks a chain, and stands in front of nodes, as the program does", async () => {
  await using node = await createServer({ "ws.api": ["eth", "net", "anvil"] });
  await node.request({ method: "anvil_mine", params: [3] });
  await using listener = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, node.fetch);
  const url = `ws://127.0.0.1:${listener.addr.port}`;
  const numberOf = async (server: { request: typeof node.request }) =>
    await server.request({ method: "eth_blockNumber" });
  {
    await using fork = await createServer({ "fork.url": [url], "fork.block": "2", "ws.api": ["eth", "anvil"] });
    assertEquals([await numberOf(fork), fork.accounts.length], ["0x2", 11]);
    await fork.request({ method: "anvil_mine", params: [5] });
    assertEquals([await numberOf(fork), await numberOf(node)], ["0x7", "0x3"]);
    await using gateway = await createServer({ upstream: [url] });
    assertEquals([await numberOf(gateway), gateway.accounts.length], ["0x3", 0]);
  }
  await node.stop();
});

Deno.test("createServer refuses what the program would refuse as a flag", async () => {
  const message = async (options: Record<string, unknown>) =>
    (await assertRejects(() => createServer(options), UsageError)).message;
  assertEquals(await message({ "ws.orgins": [] }), 'unknown option "ws.orgins": did you mean ws.origins?');
  assertEquals(
    await message({ "dev.accounts": -1 }),
    'dev.accounts: expected a whole number from 0 to 1000, got "-1"',
  );
  assertEquals(
    await message({ ws: false, http: false }),
    "nothing to serve: no endpoint is on; start one with --ws or --http",
  );
});

Deno.test("createServer answers what still waits when it stops, and refuses what comes later", async () => {
  const server = await createServer();
  const client = server.connect({ origin: "http://app.example" });
  const running = server.request({ method: "eth_blockNumber" });
  const unwritable = await assertRejects(() => server.request({ method: "eth_getBalance", params: [1n] }), RpcError);
  assertEquals(unwritable.code, -32602);
  await server.stop();
  await server.stop();
  assertEquals(await running, "0x0");
  assertEquals(await client.next(), null);
  const late = await assertRejects(() => server.request({ method: "eth_blockNumber" }), RpcError);
  assertEquals(late.code, 4900);
});

Deno.test("The library changes nothing of the process around it", async () => {
  const program = `
    import process from "node:process";
    const names = () => JSON.stringify([Object.entries(process.env).sort(), Object.getOwnPropertyNames(globalThis).sort()]);
    const before = names();
    const { createServer } = await import("${ROOT}src/mod.ts");
    await using server = await createServer();
    await server.request({ method: "eth_chainId" });
    const after = names();
    await import("npm:ws@8.23.0");
    new Worker("data:text/javascript,", { type: "module" }).terminate();
    console.log(before === after, process.env.HOME, Deno.permissions.querySync({ name: "net" }).state);
  `;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--config", `${ROOT}deno.json`, program],
    env: { HOME: "/home/host", DENO_DIR: denoDir(), NO_COLOR: "1" },
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(new TextDecoder().decode(stdout), "true /home/host granted\n");
});

/** The cache of this process, which lies below the home folder that the test replaces. */
function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
}

for (const entry of ["src/mod.ts", "main.ts", "src/app/serve.ts"]) {
  Deno.test(`The documentation of ${entry} has no gap that deno doc --lint knows of`, async () => {
    const command = new Deno.Command(Deno.execPath(), { args: ["doc", "--lint", entry], cwd: ROOT, stdout: "null" });
    const { success, stderr } = await command.output();
    assertEquals(success, true, new TextDecoder().decode(stderr));
  });
}

Deno.test("Every example in the library's documentation runs", async () => {
  // Without types: what an example does not use of the automatic imports would be an error of the project's settings.
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--no-check", "--lock=tests/deno.lock", "--trace-leaks", "--allow-net", "src/mod.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await command.output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success && /8 passed/.test(output), output);
});
