import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import WebSocketClient from "../clients/ws.ts";
import { makeCertificate, type TestCertificate } from "../support/certificate.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";
import { serve } from "./fixture.ts";
import { RawClient } from "./raw_client.ts";

const authority = await makeCertificate({ name: "Test Authority", isAuthority: true });
const first = await makeCertificate({ name: "first", by: authority });
const second = await makeCertificate({ name: "second", by: authority });

/** Opens a TLS connection; the client trusts the authority only. */
function connectTls(port: number, client?: TestCertificate): Promise<Deno.TlsConn> {
  return Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts: [authority.cert],
    ...client === undefined ? {} : { cert: client.cert, key: client.key },
  });
}

/** A client over TLS that has completed the upgrade. */
async function upgraded(port: number): Promise<RawClient> {
  const client = new RawClient(await connectTls(port));
  assertEquals((await client.request()).status, 101);
  return client;
}

/** The common name of the certificate that the port shows. */
async function shownName(port: number): Promise<string> {
  const { connect } = await import("node:tls");
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: "localhost", port, ca: authority.cert }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      socket.destroy();
      resolve(String(CN));
    });
    socket.on("error", reject);
  });
}

for (const server of ["bounded", "deno"] as const) {
  Deno.test(`TLS on the ${server} listener serves wss and https, and its URLs say so`, async () => {
    const urls: string[] = [];
    await using fixture = await serve({
      server,
      tls: first,
      http: (request) => {
        urls.push(request.url);
        return new Response("over https");
      },
    });
    const { port } = fixture.listener;
    const client = await upgraded(port);
    await client.send("hello");
    assertEquals(new TextDecoder().decode((await client.frame())?.payload), "hello");
    client.close();
    using http = Deno.createHttpClient({ caCerts: [authority.cert] });
    const response = await fetch(`https://localhost:${port}/x`, { client: http });
    assertEquals([await response.text(), urls], ["over https", [`https://localhost:${port}/x`]]);
  });

  Deno.test(`TLS on the ${server} listener carries a message of 8 MiB both ways`, async () => {
    await using fixture = await serve({ server, tls: first });
    const socket = new WebSocketClient(`wss://localhost:${fixture.listener.port}`, { ca: authority.cert });
    const text = "a".repeat(8 * 1024 * 1024);
    const came = new Promise<string>((resolve, reject) => {
      socket.on("message", (data: unknown) => resolve(String(data)));
      socket.on("error", reject);
    });
    socket.on("open", () => socket.send(text));
    assert(await came === text);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.close(1000);
    assertEquals(await closed, 1000);
  });
}

Deno.test("A plain client on a TLS port is told so in words, and the log names the fix once", async () => {
  await using fixture = await serve({ tls: first });
  const { port } = fixture.listener;
  for (let time = 0; time < 3; time++) {
    const { status, body } = await RawClient.ask(port);
    assertEquals([status, body], [400, "this port speaks TLS: connect with wss:// or https://\n"]);
  }
  const lines = fixture.log.filter(({ level }) => level === "warn");
  assertEquals(lines.map(({ message, fields }) => [message, fields["hint"]]), [
    ["A client without TLS came to a TLS port", "connect with wss:// or https://"],
  ]);
});

Deno.test("A TLS client on a plain port fails, and the log names the fix", async () => {
  await using fixture = await serve();
  const client = await connectTls(fixture.listener.port);
  await assertRejects(() => client.handshake(), Error, "corrupt message");
  client.close();
  const lines = fixture.log.filter(({ level }) => level === "warn");
  assertEquals(lines.map(({ message, fields }) => [message, fields["hint"]]), [
    ["A TLS client came to a plain port", "connect with ws:// or http://, or start with --tls.cert and --tls.key"],
  ]);
});

Deno.test("A client that does not trust the certificate is named in the log with the reason", async () => {
  await using fixture = await serve({ tls: first });
  const client = await Deno.connectTls({ hostname: "localhost", port: fixture.listener.port });
  await assertRejects(() => client.handshake(), Error, "UnknownIssuer");
  client.close();
  await until(() => fixture.log.some(({ level }) => level === "warn"), "a warning");
  const [line] = fixture.log.filter(({ level }) => level === "warn");
  assertEquals([line?.message, line?.fields["reason"]], [
    "TLS connection failed",
    "received fatal alert: UnknownCA",
  ]);
});

Deno.test("A renewed certificate is shown to newcomers, and a connection that is open goes on", async () => {
  await using fixture = await serve({ tls: first });
  const { port, tls } = fixture.listener;
  const client = await upgraded(port);
  assertEquals([await shownName(port), tls?.keepsConnections], ["first", true]);
  await tls?.renew(second);
  assertEquals(await shownName(port), "second");
  await client.send("still here");
  assertEquals(new TextDecoder().decode((await client.frame())?.payload), "still here");
  client.close();
});

Deno.test("The runtime's listener renews by listening again on the same port, and keeps the old pair when the new one is bad", async () => {
  await using fixture = await serve({ tls: first, server: "deno" });
  const { port, tls } = fixture.listener;
  assertEquals([await shownName(port), tls?.keepsConnections], ["first", false]);
  await tls?.renew(second);
  assertEquals(await shownName(port), "second");
  await assertRejects(async () => await tls?.renew({ cert: "none", key: "none" }), Error, "No certificates found");
  assertEquals(await shownName(port), "second");
});

Deno.test("A certificate that cannot be used is refused, and the old one stays", async () => {
  await using fixture = await serve({ tls: first });
  const { port, tls } = fixture.listener;
  await assertRejects(async () => await tls?.renew({ cert: first.cert, key: second.key }), Error);
  assertEquals(await shownName(port), "first");
});

Deno.test("Mutual TLS lets in who shows a certificate of the authority, and nobody else", async () => {
  await using fixture = await serve({ tls: { ...first, clientCa: authority.cert } });
  const { port } = fixture.listener;
  const member = await makeCertificate({ name: "member", by: authority });
  const stranger = await makeCertificate({ name: "stranger" });
  const past = await makeCertificate({ name: "past", by: authority, until: new Date(Date.now() - 60_000) });
  const client = new RawClient(await connectTls(port, member));
  assertEquals((await client.request()).status, 101);
  client.close();
  for (const other of [undefined, stranger, past]) {
    const refused = new RawClient(await connectTls(port, other));
    await assertRejects(() => refused.request());
    refused.close();
  }
  const reasons = fixture.log.filter(({ level }) => level === "warn").map(({ fields }) => fields["reason"]);
  assertEquals(fixture.sessions.length, 1);
  assertEquals(reasons, [
    "peer sent no certificates",
    "the client left, or its certificate is of no known authority or has expired",
  ]);
});

Deno.test("A peer of a TLS port that does not read fills no memory: writes wait for it", async () => {
  await using fixture = await serve({
    tls: first,
    sendBufferBytes: 64 * 1024 * 1024,
    onMessage: ({ connection }) => connection.send("x".repeat(32 * 1024 * 1024)),
  });
  const client = await upgraded(fixture.listener.port);
  await client.send("go");
  await until(() => fixture.sessions[0]?.messages.length === 1, "the message");
  const { connection } = fixture.sessions[0] ?? {};
  assertEquals(connection?.isBehind(8 * 1024 * 1024), true);
  client.close();
});

Deno.test("TLS answers two small writes in a row without waiting for the peer's acknowledgement", async () => {
  await using fixture = await serve({
    tls: first,
    onMessage: ({ connection }) => {
      connection.send("one");
      queueMicrotask(() => connection.send("two"));
    },
  });
  const client = await upgraded(fixture.listener.port);
  const times: number[] = [];
  for (let round = 0; round < 15; round++) {
    const begun = performance.now();
    await client.send("go");
    await client.frame();
    await client.frame();
    times.push(performance.now() - begun);
  }
  // Nagle's algorithm and delayed acknowledgements make it 40 ms each time.
  assert(Math.min(...times) < 30, String(times));
  client.close();
});

Deno.test("A closed connection over TLS says so in TLS as well: the client sees an end, not a cut", async () => {
  await using fixture = await serve({ tls: first });
  const conn = await connectTls(fixture.listener.port);
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  let text = "";
  const buffer = new Uint8Array(1000);
  for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  assertMatch(text, /^HTTP\/1.1 426 /);
  conn.close();
  await until(() => fixture.listener.connections === 0);
});

/** Bytes of a peer, and what became of it after the time for a request is over. */
const SLOW: readonly (readonly [what: string, bytes: Uint8Array])[] = [
  ["sends nothing", new Uint8Array(0)],
  ["begins a TLS handshake", Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3)],
];

for (const clientCa of [undefined, authority.cert]) {
  for (const [what, bytes] of SLOW) {
    const asked = clientCa === undefined ? "" : " where clients show a certificate";
    Deno.test(`A peer of a TLS port that ${what} and no more is dropped after 10 s${asked}`, async () => {
      const clock = new FakeClock();
      await using fixture = await serve({ tls: { ...first, clientCa }, clock });
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: fixture.listener.port });
      if (bytes.length > 0) await conn.write(bytes);
      const read = conn.read(new Uint8Array(100)).catch((): null => null);
      let isOpen = true;
      read.then(() => isOpen = false);
      // The server has seen the peer once a later one has been answered.
      await RawClient.ask(fixture.listener.port);
      await clock.advance(9_000);
      await RawClient.ask(fixture.listener.port);
      assertEquals(isOpen, true);
      await clock.advance(2_000);
      assertEquals(await read, null);
      conn.close();
      const lines = fixture.log.filter(({ fields }) => fields["reason"] === "no request came in time");
      assertEquals(lines.length, 1);
    });
  }
}
