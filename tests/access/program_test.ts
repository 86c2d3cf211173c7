import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ServerProcess } from "../e2e/server_process.ts";
import { runProgram } from "../main/run_program.ts";
import { RawClient } from "../transport/raw_client.ts";
import { call, Client, keyFile } from "./fixture.ts";

const STRANGER = `sp_${"A".repeat(43)}`;
const WANTED =
  "this endpoint wants a key: as Authorization: Bearer TOKEN, as the end of the path /k/TOKEN, or from a page " +
  "as the subprotocols sallyport.v1 and bearer.TOKEN";
const REALM = 'Bearer realm="sallyport"';

/** One way to present a token. */
interface Place {
  readonly name: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

function placesOf(token: string): readonly Place[] {
  return [
    { name: "header", headers: { Authorization: `Bearer ${token}` } },
    { name: "path", path: `/k/${token}` },
    { name: "subprotocol", headers: { "Sec-WebSocket-Protocol": `sallyport.v1, bearer.${token}` } },
  ];
}

async function upgrade(port: number, { headers = {}, path = "/" }: Omit<Place, "name">) {
  const { status, headers: answer, body } = await RawClient.ask(port, { headers, path });
  return { status, wants: answer.get("www-authenticate"), body, protocol: answer.get("sec-websocket-protocol") };
}

async function post(port: number, { headers = {}, path = "/" }: Omit<Place, "name">) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: call("eth_chainId"),
  });
  const { status, headers: answer } = response;
  return { status, wants: answer.get("www-authenticate"), body: await response.text() };
}

for (const listener of ["deno", "bounded"]) {
  Deno.test(`Keys decide about upgrades and requests in every place and in one way (--listener ${listener})`, async () => {
    await using file = await keyFile({ good: {}, off: { disabled: true }, elsewhere: { addresses: ["10.0.0.0/8"] } });
    const flags = ["--http", "--http.port=0", "--auth.keys", file.path, `--listener=${listener}`, "--verbosity=5"];
    await using server = await ServerProcess.start({ flags, permissions: [`--allow-read=${file.path}`] });
    const port = Number(new URL(server.url).port);
    const served: string[] = [];
    const invalid = (reason: string) => `${REALM}, error="invalid_token", error_description="${reason}"`;
    const REFUSALS = [
      [STRANGER, 401, "no such key", invalid("no such key")],
      [file.keys["off"], 401, "the key off is disabled", invalid("the key off is disabled")],
      [file.keys["elsewhere"], 403, "the key elsewhere may not be used from 127.0.0.1", null],
      [
        "eyJhbGciOiJub25lIn0.e30.",
        401,
        "the token is not a key of this endpoint",
        invalid("the token is not a key of this endpoint"),
      ],
    ] as const;
    for (const [token = "", status, sentence, wants] of REFUSALS) {
      const name = status === 401 ? "Unauthorized" : "Forbidden";
      for (const place of placesOf(token)) {
        const ws = await upgrade(port, place);
        assertEquals(ws, { status, wants, body: `${name}: ${sentence}\n`, protocol: null }, place.name);
        const http = await post(port, place);
        assertEquals(http, { status, wants, body: ws.body }, place.name);
        served.push(JSON.stringify([ws, http]));
      }
    }
    const nothing = { status: 401, wants: REALM, body: `Unauthorized: ${WANTED}\n` };
    assertEquals(await upgrade(port, {}), { ...nothing, protocol: null });
    assertEquals(await post(port, {}), nothing);
    assertEquals(await upgrade(port, { headers: { Authorization: "Basic YTpi" } }), { ...nothing, protocol: null });
    // The path has to be one that is served, with or without a token.
    assertEquals((await upgrade(port, { path: `/other/k/${file.keys["good"]}` })).status, 404);

    for (const place of placesOf(file.keys["good"] ?? "")) {
      const ws = await upgrade(port, place);
      assertEquals([ws.status, ws.protocol], [101, place.name === "subprotocol" ? "sallyport.v1" : null], place.name);
      const http = await post(port, place);
      assertEquals([http.status, http.body], [200, '{"jsonrpc":"2.0","id":1,"result":"0x539"}\n'], place.name);
      served.push(JSON.stringify([ws, http]));
    }
    const page = await Client.connect(server.url, { protocols: ["sallyport.v1", `bearer.${file.keys["good"]}`] });
    assertEquals(page.socket.protocol, "sallyport.v1");
    assertEquals(await page.ask(call("eth_chainId")), '{"jsonrpc":"2.0","id":1,"result":"0x539"}');
    await page.close();

    assertEquals(await (await fetch(`http://127.0.0.1:${port}/ready`)).text().then((text) => text.length > 0), true);
    const preflight = await fetch(`http://127.0.0.1:${port}/`, { method: "GET" });
    assertEquals([preflight.status, await preflight.text()], [401, nothing.body]);
    const everything = server.printed + served.join();
    for (const secret of [...Object.values(file.keys), STRANGER]) {
      assert(!everything.includes(secret.slice(3, 20)), everything);
    }
  });
}

Deno.test("A page asks before it calls, without credentials, and may read why it was refused", async () => {
  await using file = await keyFile({ good: {} });
  const flags = ["--http", "--http.port=0", "--http.corsdomain=https://app.example", "--auth.keys", file.path];
  await using server = await ServerProcess.start({ flags, permissions: [`--allow-read=${file.path}`] });
  const url = server.url.replace("ws:", "http:");
  const origin = { origin: "https://app.example" };
  const asked = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
  };
  const preflight = await fetch(url, { method: "OPTIONS", headers: { ...origin, ...asked } });
  assertEquals([preflight.status, preflight.headers.get("access-control-allow-headers")], [
    200,
    "authorization, content-type",
  ]);
  await preflight.body?.cancel();
  const headers = { ...origin, "content-type": "application/json" };
  const refused = await fetch(url, { method: "POST", headers, body: call("eth_chainId") });
  assertEquals([refused.status, refused.headers.get("access-control-allow-origin")], [401, "https://app.example"]);
  await refused.body?.cancel();
});

Deno.test("--auth.newkey prints a key once, and its entry works in the file", async () => {
  const { code, stdout, stderr } = await runProgram(["--auth.newkey", "indexer"], { permissions: [] });
  assertEquals([code, stderr.includes("sp_")], [0, false]);
  const [key = "", entry = ""] = stdout.split("\n");
  assertMatch(key, /^sp_[A-Za-z0-9_-]{43}$/);
  await using file = await keyFile({});
  await Deno.writeTextFile(file.path, `[${entry}]`);
  await using server = await ServerProcess.start({
    flags: ["--auth.keys", file.path],
    permissions: [`--allow-read=${file.path}`],
  });
  using client = await Client.connect(server.url, { token: key });
  assertEquals(await client.ask(call("net_version")), '{"jsonrpc":"2.0","id":1,"result":"1337"}');
  await client.close();
});

Deno.test("A file of keys that cannot be used ends the start with the place of the fault", async () => {
  await using file = await keyFile({ good: { allow: ["eth call"] } });
  const permissions = ["--allow-net", `--allow-read=${file.path}`];
  const start = (path: string) => runProgram(["--ws", "--ws.port=0", "--auth.keys", path], { permissions });
  const faulty = await start(file.path);
  assertEquals(faulty.code, 1);
  assertStringIncludes(
    faulty.stderr,
    `--auth.keys: cannot use ${
      JSON.stringify(file.path)
    }: keys[0].allow[0]: expected a namespace, a method, or the beginning ` +
      'of one and *, got "eth call"',
  );
  const unreadable = await start("/nowhere/keys.json");
  assertStringIncludes(
    unreadable.stderr,
    '--auth.keys: reading "/nowhere/keys.json" is not permitted: add --allow-read=/nowhere/keys.json',
  );
});

Deno.test("A key for which nothing exists is named in the log, and paths with tokens exist only where tokens are taken", async () => {
  await using file = await keyFile({ idle: { allow: ["debug", "anvil_mine"] }, few: { allow: ["eth_call"] }, all: {} });
  await using server = await ServerProcess.start({
    flags: ["--auth.keys", file.path],
    permissions: [`--allow-read=${file.path}`],
  });
  const warnings = server.printed.match(/A key allows nothing[^\n]*/g) ?? [];
  assertEquals(warnings.map((line) => line.replaceAll(/ +/g, " ")), [
    "A key allows nothing that an endpoint offers key=idle allow=debug,anvil_mine offered=eth,net,web3",
  ]);

  await using limited = await ServerProcess.start({ flags: ["--limit.address-rps=1000"] });
  const port = Number(new URL(limited.url).port);
  assertEquals((await upgrade(port, { path: `/k/${file.keys["all"]}` })).status, 404);
  const offered = await upgrade(port, { headers: { "Sec-WebSocket-Protocol": "sallyport.v1" } });
  assertEquals([offered.status, offered.protocol], [101, null]);
});
