import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { serve } from "./fixture.ts";
import { type HandshakeOptions, RawClient } from "./raw_client.ts";
import { until } from "../support/until.ts";

Deno.test("Listener completes the handshake of RFC 6455 section 1.3", async () => {
  await using server = await serve();
  const answer = await RawClient.ask(server.listener.port);
  assertEquals(answer.status, 101);
  assertEquals(answer.headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  assertEquals(answer.headers.get("sec-websocket-extensions"), null);
});

interface Refused {
  readonly claim: string;
  readonly ask: HandshakeOptions;
  readonly status: number;
  readonly body: string;
  readonly header?: readonly [string, string];
}

const REFUSED: readonly Refused[] = [
  {
    claim: "a method that is not GET with 405",
    ask: { method: "POST" },
    status: 405,
    body: "Method Not Allowed: a WebSocket starts with GET\n",
    header: ["allow", "GET"],
  },
  {
    claim: "another protocol version with 400 and the one it speaks",
    ask: { headers: { "Sec-WebSocket-Version": "8" } },
    status: 400,
    body: "Bad Request: Sec-WebSocket-Version must be 13\n",
    header: ["sec-websocket-version", "13"],
  },
  {
    claim: "a missing key with 400",
    ask: { headers: { "Sec-WebSocket-Key": null } },
    status: 400,
    body: "Bad Request: Sec-WebSocket-Key must be 16 bytes in base64\n",
  },
  {
    claim: "a key of the wrong length with 400",
    ask: { headers: { "Sec-WebSocket-Key": "abc=" } },
    status: 400,
    body: "Bad Request: Sec-WebSocket-Key must be 16 bytes in base64\n",
  },
  {
    claim: "an upgrade without Connection: Upgrade with 400",
    ask: { headers: { "Connection": "keep-alive" } },
    status: 400,
    body: "Bad Request: the Connection header must contain: Upgrade\n",
  },
  {
    claim: "a path other than / with 404",
    ask: { path: "/ws" },
    status: 404,
    body: "Not Found: the WebSocket endpoint is at /\n",
  },
  {
    claim: "a path that only URL normalisation turns into / with 404",
    ask: { path: "/x/.." },
    status: 404,
    body: "Not Found: the WebSocket endpoint is at /\n",
  },
  {
    claim: "a foreign origin with 403, naming it and the flag",
    ask: { origin: "http://evil.com:81" },
    status: 403,
    body:
      `Forbidden: origin "http://evil.com:81" is not allowed here. To admit it, name 'http://evil.com:81' in --ws.origins, together with the origins that stay\n`,
  },
  {
    claim: "an Origin header that is present but empty with 403",
    ask: { origin: "" },
    status: 403,
    body: `Forbidden: origin "" is not allowed here. No rule of --ws.origins can name it\n`,
  },
  {
    claim: "an origin before it looks at the key",
    ask: { origin: "null", headers: { "Sec-WebSocket-Key": null } },
    status: 403,
    body:
      `Forbidden: origin "null" is not allowed here. To admit it, name 'null' in --ws.origins, together with the origins that stay\n`,
  },
];

for (const { claim, ask, status, body, header } of REFUSED) {
  Deno.test(`Listener refuses ${claim}`, async () => {
    await using server = await serve();
    const answer = await RawClient.ask(server.listener.port, ask);
    assertEquals([answer.status, answer.body], [status, body]);
    if (header !== undefined) assertEquals(answer.headers.get(header[0]), header[1]);
    assertEquals(server.sessions.length, 0);
    assertEquals(server.listener.connections, 0);
  });
}

Deno.test("Listener answers a request that is no upgrade with 426 and a sentence", async () => {
  await using server = await serve({ prefix: "/rpc" });
  const response = await fetch(`http://127.0.0.1:${server.listener.port}/`, { method: "POST", body: "{}" });
  assertEquals(response.status, 426);
  assertEquals(response.headers.get("upgrade"), "websocket");
  assertStringIncludes(await response.text(), "Ethereum JSON-RPC endpoint for WebSocket clients");
});

Deno.test("Listener hands a request that is no upgrade to the http seam, with the peer's address", async () => {
  await using server = await serve({
    http: (request, info) => new Response(`${request.method} ${info.remoteAddr.transport}`),
  });
  const response = await fetch(`http://127.0.0.1:${server.listener.port}/health`);
  assertEquals(await response.text(), "GET tcp");
});

Deno.test("Listener answers 500 when the http seam throws, and goes on", async () => {
  await using server = await serve({
    http: () => {
      throw new Error("boom");
    },
  });
  const response = await fetch(`http://127.0.0.1:${server.listener.port}/`);
  assertEquals([response.status, await response.text()], [500, "Internal Server Error\n"]);
  assertEquals(server.log.filter(({ level }) => level === "error").length, 1);
  assertEquals((await RawClient.ask(server.listener.port)).status, 101);
});

Deno.test("Listener matches the prefix at a path boundary", async () => {
  await using server = await serve({ prefix: "/rpc" });
  const statuses = [];
  for (const path of ["/rpc", "/rpc/", "/rpc/v1", "/rpc?token=1", "/rpcx", "/", "/rpc/../x"]) {
    statuses.push((await RawClient.ask(server.listener.port, { path })).status);
  }
  assertEquals(statuses, [101, 101, 101, 101, 404, 404, 101]);
});

Deno.test("Listener with the prefix / serves every path, as geth does", async () => {
  await using server = await serve({ prefix: "/" });
  assertEquals((await RawClient.ask(server.listener.port, { path: "/any/where" })).status, 101);
});

Deno.test("Listener shows a hostile origin escaped and cut in the body, and logs one line", async () => {
  await using server = await serve();
  const origin = `http://evil" '${"x".repeat(5000)}`;
  const { status, body } = await RawClient.ask(server.listener.port, { origin });
  assertEquals(status, 403);
  assertMatch(
    body,
    /^Forbidden: origin "http:\/\/evil\\" 'x{150,190}" is not allowed here\. No rule of --ws\.origins can name it\n$/,
  );
  const warnings = server.log.filter(({ level }) => level === "warn");
  assertEquals(warnings.map(({ message }) => message), ["Rejected WebSocket connection"]);
  assertEquals(String(warnings[0]?.fields["origin"]).length <= 200, true);
});

Deno.test("Listener logs a refused origin with the rules it was measured against and the flag that would admit it", async () => {
  await using server = await serve({ origins: ["http://app"] });
  await RawClient.ask(server.listener.port, { origin: "http://App2:1" });
  const [line] = server.log.filter(({ level }) => level === "warn");
  assertEquals(line?.fields["origin"], "http://App2:1");
  assertEquals(line?.fields["hint"], "--ws.origins http://app,http://app2:1");
});

Deno.test("Listener admits an allowed origin and tells the handler which it was", async () => {
  await using server = await serve({ origins: ["http://app:3000"] });
  using _client = await RawClient.connect(server.listener.port, { origin: "http://app:3000" });
  await until(() => server.sessions.length === 1, "the session");
  assertEquals(server.sessions[0]?.connection.peer.origin, "http://app:3000");
  assertMatch(server.sessions[0]?.connection.peer.address ?? "", /^127\.0\.0\.1:\d+$/);
});

Deno.test("Listener refuses connections over the limit with 503, and takes them again when one has left", async () => {
  await using server = await serve({ maxConnections: 2 });
  const { port } = server.listener;
  using _first = await RawClient.connect(port);
  const second = await RawClient.connect(port);
  const refused = await RawClient.ask(port);
  assertEquals(refused.status, 503);
  assertEquals(
    refused.body,
    "Service Unavailable: all 2 connections are taken (--ws.max-connections); try again later\n",
  );
  second.close();
  await until(() => server.listener.connections === 1, "the second to be gone");
  using _third = await RawClient.connect(port);
  assertEquals(server.listener.connections, 2);
});

Deno.test("Listener forgets a peer that left during the handshake", async () => {
  await using server = await serve({ maxConnections: 50 });
  for (let i = 0; i < 200; i++) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.listener.port });
    await conn.write(new TextEncoder().encode(
      "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ));
    conn.close();
  }
  await until(() => server.listener.connections === 0, "every slot to be free again");
});

Deno.test("Listener binds 127.0.0.1 for localhost and says so in its URL", async () => {
  await using server = await serve({ addr: "localhost", prefix: "/rpc" });
  assertEquals(server.listener.url, `ws://127.0.0.1:${server.listener.port}/rpc`);
});
