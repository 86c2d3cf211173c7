import { assert, assertEquals } from "@std/assert";
import { ServerProcess } from "../e2e/server_process.ts";
import { until } from "../support/until.ts";
import { call, Client, keyFile } from "./fixture.ts";

/** Rates so low that no call is admitted during a test but those of the burst. */
const SLOW = { requestsPerSecond: 0.001 };

function post(url: string, { token, body, headers }: { token?: string | undefined; body: string; headers?: object }) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(url.replace("ws:", "http:"), {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization, ...headers },
    body,
  });
}

Deno.test("200 clients at once get exactly the burst of their key, over WebSocket and HTTP together", async () => {
  await using file = await keyFile({ shared: { limits: { ...SLOW, burst: 777 } }, other: {} });
  await using server = await ServerProcess.start({
    flags: ["--http", "--http.port=0", "--metrics", "--metrics.port=0", "--auth.keys", file.path],
    permissions: [`--allow-read=${file.path}`],
  });
  const token = file.keys["shared"];
  const clients = await Promise.all(Array.from({ length: 100 }, () => Client.connect(server.url, { token })));
  const overSockets = clients.flatMap((client) => Array.from({ length: 10 }, () => client.ask(call("eth_chainId"))));
  const overHttp = Array.from({ length: 100 }, async () => {
    const body = JSON.stringify(Array.from({ length: 5 }, (_, id) => JSON.parse(call("eth_chainId", [], id))));
    return await (await post(server.url, { token, body })).text();
  });
  const texts = (await Promise.all([...overSockets, ...overHttp])).flatMap((text) => [JSON.parse(text)].flat());
  assertEquals(texts.length, 1500);
  assertEquals(texts.filter(({ result }) => result === "0x539").length, 777);
  const errors = texts.flatMap(({ error }) => error ?? []);
  assertEquals(errors.length, 1500 - 777);
  for (const { code, message, data: { retryAfterMs, ...data } } of errors) {
    assertEquals([code, message, data], [-32005, "too many requests with this key", { limit: "key", max: 0.001 }]);
    assert(retryAfterMs > 0 && retryAfterMs <= 1_000_000);
  }
  // Another key is not affected.
  const other = await post(server.url, { token: file.keys["other"], body: call("eth_chainId") });
  assertEquals([other.status, await other.text()], [200, '{"jsonrpc":"2.0","id":1,"result":"0x539"}\n']);

  const [, metrics] = await server.waitForOutput(/Metrics enabled +url=(\S+)/);
  const page = await (await fetch(metrics ?? "")).text();
  const lines = page.split("\n").filter((line) => line.startsWith("access_"));
  assertEquals(lines, [
    'access_calls_total{principal="shared"} 777',
    'access_calls_total{principal="other"} 1',
    'access_calls_refused_total{principal="shared"} 723',
    'access_calls_refused_total{principal="other"} 0',
    'access_connections{principal="shared"} 100',
    'access_connections{principal="other"} 0',
  ]);
  await Promise.all(clients.map((client) => client.close()));
});

Deno.test("Over HTTP a refused request is answered 429 with the time to wait, and its error in the body", async () => {
  await using file = await keyFile({ slow: { limits: { requestsPerSecond: 0.5, burst: 10 } } });
  await using server = await ServerProcess.start({
    flags: ["--http", "--http.port=0", "--auth.keys", file.path, "--http.corsdomain=*"],
    permissions: [`--allow-read=${file.path}`],
  });
  const token = file.keys["slow"];
  const first = await post(server.url, { token, body: call("eth_getLogs", [{}]) });
  assertEquals([first.status, first.headers.get("retry-after")], [200, null]);
  await first.body?.cancel();
  const second = await post(server.url, { token, body: call("eth_getLogs", [{}], 7) });
  const { id, error } = await second.json();
  assertEquals([second.status, id, error.code, error.data.limit, error.data.max], [429, 7, -32005, "key", 0.5]);
  const seconds = Number(second.headers.get("retry-after"));
  assertEquals(seconds, Math.ceil(error.data.retryAfterMs / 1000));
  assert(seconds > 15 && seconds <= 20);
});

Deno.test("Without keys the limits of connections and addresses hold for everybody, behind a proxy for each client", async () => {
  const limits = ["--limit.rps=1", "--limit.burst=20", "--limit.address-rps=1", "--limit.address-burst=60"];
  await using server = await ServerProcess.start({
    flags: ["--http", "--http.port=0", "--trusted-proxies=127.0.0.1", ...limits],
  });
  const headers = { "x-forwarded-for": "192.0.2.1" };
  // A handshake weighs 5.
  const clients = [await Client.connect(server.url, { headers }), await Client.connect(server.url, { headers })];
  const limitsOf = async (client: Client | undefined, count: number) => {
    const texts = await Promise.all(Array.from({ length: count }, () => client?.ask(call("eth_chainId")) ?? ""));
    return Map.groupBy(texts.map((text) => JSON.parse(text).error?.data.limit ?? "ok"), (limit) => limit);
  };
  const [one, two] = [await limitsOf(clients[0], 40), await limitsOf(clients[1], 20)];
  // A bucket gains one in a second, however slow the machine is.
  assert((one.get("ok")?.length ?? 0) >= 20 && (one.get("ok")?.length ?? 0) < 40, JSON.stringify([...one]));
  assertEquals([...one.keys()].toSorted(), ["connection", "ok"]);
  assert((two.get("ok")?.length ?? 0) >= 20);
  const body = call("eth_chainId");
  const left = await Promise.all(Array.from({ length: 30 }, async () => {
    const response = await post(server.url, { body, headers });
    return [response.status, response.headers.has("retry-after"), await response.text()] as const;
  }));
  const admitted = left.filter(([status]) => status === 200).length;
  assert(admitted >= 10 && admitted < 30, `${admitted}`);
  for (const [status, hasTime, text] of left.filter(([status]) => status !== 200)) {
    assertEquals([status, hasTime], [429, true]);
    assert(
      text === "Too Many Requests: too many requests from this address\n" || text.includes('"limit":"address"'),
      text,
    );
  }
  const neighbour = await post(server.url, { body, headers: { "x-forwarded-for": "192.0.2.2" } });
  assertEquals([neighbour.status, await neighbour.text()], [200, '{"jsonrpc":"2.0","id":1,"result":"0x539"}\n']);

  // A client that goes on is closed with a code and a reason.
  const [stubborn] = clients;
  assert(stubborn !== undefined);
  for (let isOpen = true; isOpen;) {
    isOpen = await Promise.race([stubborn.ask(body).then(() => true), stubborn.ended.then(() => false)]);
  }
  const { code, reason } = await stubborn.ended;
  assertEquals([code, reason], [4029, "rate limited: the client went on although its calls were refused"]);
  await clients[1]?.close();
});

Deno.test("A file of keys is read again on SIGHUP: removed keys end with a reason, others lose nothing", async () => {
  await using file = await keyFile({ kept: {}, removed: {}, changed: {} });
  await using server = await ServerProcess.start({
    flags: ["--ws.api=eth,net,web3,evm", "--auth.keys", file.path],
    permissions: [`--allow-read=${file.path}`],
  });
  const connect = (name: string) => Client.connect(server.url, { token: file.keys[name] });
  const [kept, removed, changed] = await Promise.all(["kept", "removed", "changed"].map(connect));
  assert(kept !== undefined && removed !== undefined && changed !== undefined);
  await kept.ask(call("eth_subscribe", ["newHeads"]));
  let isMining = true;
  const mining = (async () => {
    using miner = await connect("kept");
    let blocks = 0;
    while (isMining || blocks < 20) blocks += JSON.parse(await miner.ask(call("evm_mine"))).result === "0x0" ? 1 : 0;
    await miner.close();
    return blocks;
  })();
  await file.rewrite({ kept: {}, changed: { allow: ["net"] } });
  Deno.kill(server.pid, "SIGHUP");
  const ends = await Promise.all([removed.ended, changed.ended]);
  assertEquals(ends.map(({ code, reason }) => [code, reason]), [
    [4403, "the credential of removed was removed or changed"],
    [4403, "the credential of changed was removed or changed"],
  ]);
  await server.waitForOutput(/Read again +what=--auth\.keys now="2 keys"/);
  using again = await connect("changed");
  assertEquals(JSON.parse(await again.ask(call("eth_chainId"))).error.code, -32601);
  await again.close();

  // A file that cannot be used changes nothing.
  await Deno.writeTextFile(file.path, '{"keys": [{"name": "kept"}]}');
  Deno.kill(server.pid, "SIGHUP");
  await server.waitForOutput(
    /everything stays as it was +what=--auth\.keys reason="[^\n]*keys\[0\]\.hash: expected sha256/,
  );
  assertEquals(kept.socket.readyState, WebSocket.OPEN);
  isMining = false;
  const blocks = await mining;
  const heads = () => kept.texts.filter((text) => text.includes("eth_subscription"));
  await until(() => heads().length >= blocks);
  const numbers = heads().map((text) => Number(JSON.parse(text).params.result.number));
  assertEquals(numbers, Array.from({ length: blocks }, (_, index) => index + 1));
  await kept.close();
});
