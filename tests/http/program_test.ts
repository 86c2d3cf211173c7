import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect, type OutgoingHttpHeaders } from "node:http2";
import { createPublicClient, createWalletClient, http, parseEther } from "../clients/viem.ts";
import { mnemonicToAccount } from "../clients/viem_accounts.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { runProgram } from "../main/run_program.ts";

const MNEMONIC = "test test test test test test test test test test test junk";

function post(url: string, method: string, params: readonly unknown[] = []): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
}

Deno.test("HTTP and WebSocket share a port when theirs are equal, each with its own namespaces", async () => {
  await using server = await ServerProcess.start({
    flags: ["--http", "--http.port=0", "--http.api=eth,txpool", "--ws.api=eth,net"],
  });
  const url = server.url.replace("ws:", "http:");
  const line = `HTTP server started    endpoint=${new URL(url).host} auth=false prefix="" cors="" vhosts=localhost`;
  assert(server.printed.includes(line), server.printed);
  assertMatch(server.printed, /Namespaces over HTTP +on=eth,rpc,txpool\n/);
  const modules = await (await post(url, "rpc_modules")).json();
  assertEquals(Object.keys(modules.result), ["eth", "rpc", "txpool"]);
  assertEquals((await (await post(url, "net_version")).json()).error.code, -32601);
});

Deno.test("Neither HTTP/2 nor the pages let another host name in", async () => {
  await using server = await ServerProcess.start({ flags: ["--http", "--http.port=0"] });
  const { port } = new URL(server.url);
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
  const ask = (host: string, path: string, init: OutgoingHttpHeaders) =>
    new Promise<number>((resolve, reject) => {
      const session = connect(`http://127.0.0.1:${port}`);
      session.on("error", reject);
      const request = session.request({ ":authority": `${host}:${port}`, ":path": path, ...init });
      request.on("response", ({ ":status": status }) => {
        session.close();
        resolve(Number(status));
      });
      request.end(init[":method"] === "POST" ? body : undefined);
    });
  const post = { ":method": "POST", "content-type": "application/json" };
  assertEquals(await ask("localhost", "/", post), 200);
  assertEquals(await ask("evil.example", "/", post), 403);
  assertEquals(await ask("localhost", "/health", { ":method": "GET" }), 200);
  assertEquals(await ask("evil.example", "/health", { ":method": "GET" }), 403);
});

Deno.test("viem deploys, sends and watches over HTTP", async () => {
  await using server = await ServerProcess.start({ flags: ["--http", "--http.port=0"] });
  const transport = http(server.url.replace("ws:", "http:"), { batch: true });
  const account = mnemonicToAccount(MNEMONIC);
  const client = createPublicClient({ transport, pollingInterval: 20 });
  const wallet = createWalletClient({ account, transport });
  const heads: bigint[] = [];
  const { promise: two, resolve } = Promise.withResolvers<void>();
  const stop = client.watchBlockNumber({
    emitOnBegin: true,
    emitMissed: true,
    onBlockNumber: (number) => heads.push(number) === 2 && resolve(),
  });
  while (heads.length === 0) await client.getChainId();
  const hash = await wallet.sendTransaction({ to: account.address, value: parseEther("1"), chain: null });
  assertEquals((await client.waitForTransactionReceipt({ hash })).status, "success");
  await two;
  assertEquals(heads, [0n, 1n]);
  stop();
});

Deno.test("A large answer is compressed for those who ask, and not for others", async () => {
  await using server = await ServerProcess.start({ flags: ["--http", "--http.port=0"] });
  const { hostname, port } = new URL(server.url);
  const body = '{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}';
  const head = async (encoding: string) => {
    using conn = await Deno.connect({ hostname, port: Number(port) });
    const request = `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n${encoding}\r\n${body}`;
    await conn.write(new TextEncoder().encode(request));
    return (await new Response(conn.readable).text()).split("\r\n\r\n", 1)[0] ?? "";
  };
  assertMatch(await head("accept-encoding: gzip\r\n"), /content-encoding: gzip/);
  assert(!(await head("")).includes("content-encoding"));
});

Deno.test("Different addresses cannot share a port, and each family of flags names its own mistakes", async () => {
  const run = async (...args: string[]) => {
    const { code, stderr } = await runProgram(args);
    return `${code} ${stderr}`;
  };
  assertEquals(
    await run("--ws", "--http", "--http.port=8546", "--http.addr=0.0.0.0"),
    "2 sallyport: --http.addr and --ws.addr differ although both are to listen on port 8546\n",
  );
  assertEquals(
    await run("--http", "--http.api=eht"),
    '2 sallyport: --http.api: unknown namespace "eht": did you mean eth?\n',
  );
  using busy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assertEquals(
    await run("--http", `--http.port=${busy.addr.port}`),
    `1 Fatal: Cannot listen on 127.0.0.1:${busy.addr.port}: the port is in use; choose another one with --http.port\n`,
  );
});

Deno.test("The least command line names every port", async () => {
  const { stderr } = await runProgram(["--ws", "--http", "--metrics", "--sandbox=strict"]);
  assertMatch(
    stderr,
    /--allow-net=127\.0\.0\.1:8546,127\.0\.0\.1:8545,127\.0\.0\.1:6060 main\.ts --ws --http --sandbox=strict --metrics\n$/,
  );
});

Deno.test("HTTP alone is a whole server, and says so to a WebSocket client", async () => {
  const server = await ServerProcess.start({
    flags: ["--ws=false", "--http", "--http.port=0", "--http.api=eth,personal"],
    ready: /HTTP server started\s+endpoint=(\S+)/,
  });
  try {
    const url = `http://${server.url}`;
    const unlock = await post(url, "personal_unlockAccount", ["0x71562b71999873DB5b286dF957af199Ec94617F7", ""]);
    assertEquals((await unlock.json()).error.message, "account unlock with HTTP access is forbidden");
    const upgrade = await fetch(url, { headers: { upgrade: "websocket", connection: "Upgrade" } });
    assertEquals([upgrade.status, await upgrade.text()], [
      404,
      "no WebSocket endpoint on this port; --ws starts one\n",
    ]);
  } finally {
    assertEquals(await server.stop(), 0);
  }
});

Deno.test("A call that runs over HTTP is answered before the program stops", async () => {
  const server = await ServerProcess.start({ flags: ["--http", "--http.port=0", "--dev.period=2"] });
  const url = server.url.replace("ws:", "http:");
  const account = mnemonicToAccount(MNEMONIC);
  const transaction = await account.signTransaction({
    chainId: 1337,
    nonce: 0,
    gas: 21_000n,
    to: account.address,
    maxFeePerGas: 10_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
  });
  const waiting = post(url, "eth_sendRawTransactionSync", [transaction]);
  const nonce = async () =>
    (await (await post(url, "eth_getTransactionCount", [account.address, "pending"])).json()).result;
  while (await nonce() !== "0x1");
  const code = server.stop();
  const answer = await (await waiting).json();
  assertEquals(answer.result?.status ?? answer.error?.message, "0x1");
  assertEquals(await code, 0);
});
