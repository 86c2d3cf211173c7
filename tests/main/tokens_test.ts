import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { call, Client } from "../access/fixture.ts";
import { hs256, makeIssuer, nowSeconds } from "../access/token_maker.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { until } from "../support/until.ts";
import { RawClient } from "../transport/raw_client.ts";
import { runProgram } from "./run_program.ts";
import { freePort } from "../support/free_port.ts";
import { withFile } from "../support/temp_file.ts";

const SECRET = crypto.getRandomValues(new Uint8Array(32));
const ISSUER = "https://id.example.org/";
const AUTH = ["--auth.issuer", ISSUER, "--auth.audience", "sallyport"];
const provider = await makeIssuer("ES256", "first");

function claims(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: ISSUER, aud: "sallyport", sub: "alice", exp: nowSeconds() + 300, ...overrides };
}

async function statusOf(url: string, token: string): Promise<number> {
  return (await RawClient.ask(Number(new URL(url).port), { headers: { Authorization: `Bearer ${token}` } })).status;
}

for (const listener of ["deno", "bounded"]) {
  Deno.test(`A token's claim says what exists for its client, and its end closes the connection (${listener})`, async () => {
    await withFile(SECRET.toHex(), async (path) => {
      const flags = ["--ws.jwtsecret", path, "--ws.api=eth,net,web3,debug", `--listener=${listener}`, "--verbosity=5"];
      await using server = await ServerProcess.start({ flags, permissions: [`--allow-read=${path}`] });
      assertMatch(server.printed, /Sandbox closed .*kept=nothing\n/);
      const token = await hs256(SECRET, {
        claims: {
          iat: nowSeconds(),
          exp: nowSeconds() + 2,
          sub: "bot",
          sallyport: { allow: ["eth"], deny: ["eth_sign"] },
        },
      });
      const client = await Client.connect(server.url, { token });
      // It has less than a minute left, so the warning comes at once.
      await until(() => client.texts.length === 1);
      const { method, params } = JSON.parse(client.texts[0] ?? "");
      assertEquals(method, "sallyport_expiring");
      assert(params.inMs <= 2000);
      assertStringIncludes(await client.ask(call("eth_chainId")), '"result":"0x539"');
      for (const method of ["net_version", "debug_getRawHeader", "eth_sign", "no_such"]) {
        const { error } = JSON.parse(await client.ask(call(method)));
        assertEquals(error, { code: -32601, message: `the method ${method} does not exist/is not available` });
      }
      const { code, reason } = await client.ended;
      assertEquals([code, reason], [4401, "the credential of jwt:bot has expired"]);
      for (const secret of [token, SECRET.toHex(), SECRET.toBase64()]) {
        assertEquals(server.printed.includes(secret) || client.texts.join().includes(secret), false);
      }
    });
  });
}

Deno.test("The secret of tokens is read in geth's format, and a bad file is one line that shows nothing of it", async () => {
  for (const text of [SECRET.toHex(), `0x${SECRET.toHex().toUpperCase()}\n`, `  0x${SECRET.toHex()} \n`]) {
    await withFile(text, async (path) => {
      await using server = await ServerProcess.start({
        flags: ["--ws.jwtsecret", path],
        permissions: [`--allow-read=${path}`],
      });
      assertEquals(await statusOf(server.url, await hs256(SECRET, {})), 101);
    });
  }
  for (
    const text of ["", SECRET.toHex().slice(1), `${SECRET.toHex()}00`, "correct horse battery staple", "g".repeat(64)]
  ) {
    await withFile(text, async (path) => {
      const args = ["--ws", "--ws.port=0", "--ws.jwtsecret", path];
      const { code, stderr } = await runProgram(args, { permissions: ["--allow-net", `--allow-read=${path}`] });
      const expected = `Fatal: --ws.jwtsecret: cannot use "${path}": expected 32 bytes in hex, got ${text.length} ` +
        "characters; openssl rand -hex 32 makes some\n";
      assertEquals([code, stderr], [1, expected]);
    });
  }
});

Deno.test("Keys of an identity provider are fetched under --allow-net with exact hosts, and rotate while it serves", async () => {
  let current = provider;
  const asked: string[] = [];
  await using host = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.push(new URL(request.url).pathname);
    return Response.json({ keys: [current.jwk] });
  });
  const url = `http://127.0.0.1:${host.addr.port}/jwks`;
  const [port, provided] = [freePort(), `127.0.0.1:${host.addr.port}`];
  const flags = ["--auth.jwks", url, ...AUTH, "--http", `--http.port=${port}`, `--ws.port=${port}`, "--sandbox=strict"];
  await using server = await ServerProcess.start({ flags, hosts: [`127.0.0.1:${port}`, provided] });
  assertMatch(server.printed, new RegExp(`Sandbox closed .*dropped="net=127.0.0.1:${port}" kept="net=${provided}" `));
  assertEquals(await statusOf(server.url, await provider.sign(claims())), 101);
  assertEquals(await statusOf(server.url, await hs256(SECRET, { claims: claims() })), 401);
  const http = `http://127.0.0.1:${new URL(server.url).port}/`;
  const ask = async (token: string) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
    const response = await fetch(http, { method: "POST", headers, body: call("eth_chainId") });
    return [response.status, await response.text()];
  };
  assertEquals(await ask(await provider.sign(claims())), [200, '{"jsonrpc":"2.0","id":1,"result":"0x539"}\n']);
  assertEquals(await ask(await provider.sign(claims({ aud: "elsewhere" }))), [
    401,
    "Unauthorized: token claim aud is not the expected one\n",
  ]);
  assertEquals(asked, ["/jwks"]);
  // Within 30 s of the last look, the server does not look again for a key that it does not know.
  current = await makeIssuer("EdDSA", "second");
  assertEquals(await statusOf(server.url, await current.sign(claims())), 401);
  assertEquals(asked, ["/jwks"]);
});

Deno.test("Without its permission the program says which host to add, and a provider that is down stops nothing", async () => {
  const flags = ["--ws", "--ws.port=0", "--auth.jwks", "http://127.0.0.1:9/jwks", ...AUTH];
  const refused = await runProgram(flags, { permissions: ["--allow-net=127.0.0.1:0"] });
  assertEquals([refused.code, refused.stderr], [
    1,
    "Fatal: --auth.jwks: connecting to 127.0.0.1:9 is not permitted: add --allow-net=127.0.0.1:9\n",
  ]);
  await using server = await ServerProcess.start({ flags: flags.slice(2) });
  await server.waitForOutput(/Cannot fetch the keys of --auth\.jwks +url=http:\/\/127\.0\.0\.1:9\/jwks/);
  assertEquals(await statusOf(server.url, await provider.sign(claims())), 503);
});

Deno.test("A file of keys is read again on SIGHUP, and a bad one changes nothing", async () => {
  await withFile(JSON.stringify({ keys: [provider.jwk] }), async (path) => {
    const flags = ["--auth.jwks", path, ...AUTH];
    await using server = await ServerProcess.start({ flags, permissions: [`--allow-read=${path}`] });
    assertEquals(await statusOf(server.url, await provider.sign(claims())), 101);
    await Deno.writeTextFile(path, "{");
    Deno.kill(server.pid, "SIGHUP");
    await server.waitForOutput(/Cannot use what was read again.* what=--auth\.jwks reason="?no JSON/);
    assertEquals(await statusOf(server.url, await provider.sign(claims())), 101);
    const second = await makeIssuer("EdDSA", "second");
    await Deno.writeTextFile(path, JSON.stringify({ keys: [second.jwk] }));
    Deno.kill(server.pid, "SIGHUP");
    await server.waitForOutput(/Read again +what=--auth\.jwks now="1 keys"/);
    assertEquals(await statusOf(server.url, await second.sign(claims())), 101);
    assertEquals(await statusOf(server.url, await provider.sign(claims())), 401);
  });
});

Deno.test("A secret and an identity provider work side by side, each for its own tokens", async () => {
  await withFile(SECRET.toHex(), async (secret) => {
    await withFile(JSON.stringify({ keys: [provider.jwk] }), async (jwks) => {
      const flags = ["--ws.jwtsecret", secret, "--auth.jwks", jwks, ...AUTH];
      await using server = await ServerProcess.start({ flags, permissions: [`--allow-read=${secret},${jwks}`] });
      assertEquals(await statusOf(server.url, await hs256(SECRET, {})), 101);
      assertEquals(await statusOf(server.url, await provider.sign(claims())), 101);
      assertEquals(await statusOf(server.url, await provider.sign(claims({ aud: "x" }))), 401);
      assertEquals(await statusOf(server.url, await hs256(SECRET, { claims: claims() })), 401);
    });
  });
});

Deno.test("The limits of a token hold for all connections of its subject, whichever of its tokens they came with", async () => {
  await withFile(SECRET.toHex(), async (path) => {
    const flags = ["--ws.jwtsecret", path, "--http", "--http.port=0"];
    await using server = await ServerProcess.start({ flags, permissions: [`--allow-read=${path}`] });
    const limits = { connections: 2, requestsPerSecond: 0.01, burst: 2 };
    const tokenOf = (sub: string, jti: string) =>
      hs256(SECRET, { claims: { iat: nowSeconds(), sub, jti, sallyport: { limits } } });
    using first = await Client.connect(server.url, { token: await tokenOf("alice", "1") });
    using second = await Client.connect(server.url, { token: await tokenOf("alice", "2") });
    const third = await RawClient.ask(Number(new URL(server.url).port), {
      headers: { Authorization: `Bearer ${await tokenOf("alice", "3")}` },
    });
    assertEquals(third.status, 429);
    assertStringIncludes(await first.ask(call("eth_chainId")), '"result":"0x539"');
    assertStringIncludes(await second.ask(call("eth_chainId")), '"result":"0x539"');
    const { error } = JSON.parse(await first.ask(call("eth_chainId")));
    assertEquals([error.code, error.data.limit], [-32005, "key"]);
    using other = await Client.connect(server.url, { token: await tokenOf("bob", "1") });
    assertStringIncludes(await other.ask(call("eth_chainId")), '"result":"0x539"');
  });
});

for (const listener of ["deno", "bounded"]) {
  Deno.test(`A request with two Authorization headers is refused, whatever they hold (${listener})`, async () => {
    await withFile(SECRET.toHex(), async (path) => {
      const flags = ["--ws.jwtsecret", path, `--listener=${listener}`];
      await using server = await ServerProcess.start({ flags, permissions: [`--allow-read=${path}`] });
      const good = `Bearer ${await hs256(SECRET, {})}`;
      const cases: readonly (readonly [header: string, status: number])[] = [
        [good, 101],
        [`${good}\r\nAuthorization: ${good}`, 401],
        [`${good}\r\nAuthorization: Basic YTpi`, 401],
        [`Basic YTpi\r\nAuthorization: ${good}`, 401],
        [`${good}\r\nAuthorization: `, 401],
      ];
      for (const [header, status] of cases) {
        const answer = await RawClient.ask(Number(new URL(server.url).port), { headers: { Authorization: header } });
        assertEquals(answer.status, status, header.replaceAll(good, "GOOD"));
      }
    });
  });
}
