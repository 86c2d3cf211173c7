import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Handler } from "../../src/transport/mod.ts";
import type { AcceptedConn } from "../../src/transport/net/byte_stream.ts";
import { HttpServer, type HttpServerOptions } from "../../src/transport/http1/server.ts";
import { BytePipe } from "../support/byte_pipe.ts";
import { FakeClock, settled } from "../support/fake_clock.ts";

const ADDRESS = { transport: "tcp", hostname: "192.0.2.1", port: 1 } as const;

/** A connection in memory, with what a raw client sees. */
class TestConn extends BytePipe implements AcceptedConn {
  readonly remoteAddr = ADDRESS;

  /** Sends text and lets the server answer it. */
  async say(text: string): Promise<void> {
    this.send(new TextEncoder().encode(text));
    for (let round = 0; round < 5; round++) await settled();
  }

  /** What came since the last call. */
  heard(): string {
    const text = new TextDecoder().decode(this.received);
    this.received = new Uint8Array(0);
    return text.replace(/date: [^\r]+\r\n/g, "");
  }
}

async function open(handler: Handler, options: Partial<HttpServerOptions> = {}) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const queue: TestConn[] = [];
  let next: ((conn: AcceptedConn) => void) | undefined;
  let fail: ((cause: unknown) => void) | undefined;
  const server = new HttpServer({
    listening: {
      accept: () => {
        const conn = queue.shift();
        if (conn !== undefined) return Promise.resolve(conn);
        return new Promise((resolve, reject) => [next, fail] = [resolve, reject]);
      },
      close: () => fail?.(new Deno.errors.BadResource("closed")),
    },
    handler,
    log: { debug() {}, info() {}, error: (line) => void lines.push(line), warn: (line) => void lines.push(line) },
    clock,
    ...options,
  });
  await settled();
  async function connect(): Promise<TestConn> {
    const conn = new TestConn();
    if (next === undefined) queue.push(conn);
    else next(conn);
    next = undefined;
    await settled();
    return conn;
  }
  return { server, clock, lines, connect };
}

/** Answers with what it understood. */
const echo: Handler = async (request) =>
  new Response(`${request.method} ${request.url} ${await request.text()}`, { headers: { "content-type": "x/y" } });

function answer(body: string, { connection = "" } = {}): string {
  const close = connection === "" ? "" : `connection: ${connection}\r\n`;
  const length = `content-length: ${new TextEncoder().encode(body).length}\r\n`;
  return `HTTP/1.1 200 OK\r\n${close}${length}content-type: x/y\r\n\r\n${body}`;
}

Deno.test("HTTP server answers requests one after the other on one connection, pipelined ones included", async () => {
  const { connect } = await open(echo);
  const conn = await connect();
  await conn.say("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  assertEquals(conn.heard(), answer("GET http://h/a "));
  const second = "POST /b?q HTTP/1.1\r\nHost: h:1\r\nContent-Length: 3\r\n\r\nabc";
  await conn.say(`${second}GET /c HTTP/1.1\r\nHost: h\r\n\r\n`);
  assertEquals(conn.heard(), answer("POST http://h:1/b?q abc") + answer("GET http://h/c "));
  assertEquals(conn.isClosed, false);
  conn.end();
  await settled();
  assertEquals(conn.isClosed, true);
});

Deno.test("HTTP server reads a request that comes a byte at a time", async () => {
  const { connect } = await open(echo);
  const conn = await connect();
  for (
    const byte
      of "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;x=y\r\ncde\r\n0\r\nT: v\r\n\r\n"
  ) {
    await conn.say(byte);
  }
  assertEquals(conn.heard(), answer("POST http://h/ abcde"));
});

Deno.test("HTTP server asks a client that waits for leave to send, when the handler wants the body", async () => {
  const { connect } = await open(echo);
  const conn = await connect();
  await conn.say("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  assertEquals(conn.heard(), "HTTP/1.1 100 Continue\r\n\r\n");
  await conn.say("ok");
  assertEquals(conn.heard(), answer("POST http://h/ ok"));
});

Deno.test("HTTP server closes after an answer when the client says so, and for HTTP/1.0 unless it says otherwise", async () => {
  const { connect } = await open(echo);
  const expectations: [string, string][] = [
    ["GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "close"],
    ["GET / HTTP/1.0\r\nHost: h\r\n\r\n", "close"],
    ["GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", "keep-alive"],
  ];
  for (const [request, connection] of expectations) {
    const conn = await connect();
    await conn.say(request);
    assertEquals(conn.heard(), answer("GET http://h/ ", { connection }));
    conn.end();
    await settled();
  }
});

Deno.test("HTTP server sends no body for HEAD, and its length all the same", async () => {
  const { connect } = await open(() =>
    new Response("four", { headers: { "content-type": "x/y", "content-length": "4" } })
  );
  const conn = await connect();
  await conn.say("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  assertEquals(conn.heard(), "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-type: x/y\r\n\r\n");
});

Deno.test("HTTP server keeps the path as it was sent, and of several Origin headers the first", async () => {
  const { connect } = await open((request) => new Response(`${request.url} ${request.headers.get("origin")}`));
  const conn = await connect();
  await conn.say("GET /x/../y HTTP/1.1\r\nHost: h\r\nOrigin: http://a\r\nOrigin: http://b\r\n\r\n");
  assert(conn.heard().endsWith("http://h/x/../y http://a"));
});

const MALFORMED: Readonly<Record<string, readonly [request: string, status: string]>> = {
  "no request line": ["\r\n\r\n", "400 Bad Request: the request line"],
  "a line of its own kind": ["HELLO\r\n\r\n", "400 Bad Request: the request line"],
  "another version": ["GET / HTTP/2.0\r\nHost: h\r\n\r\n", "505 HTTP Version Not Supported: this server"],
  "no Host": ["GET / HTTP/1.1\r\n\r\n", "400 Bad Request: exactly one Host"],
  "two hosts": ["GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 Bad Request: exactly one Host"],
  "a host that ends a URL": ["GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 Bad Request: the Host header"],
  "a folded field": ["GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", "400 Bad Request: a header line"],
  "a blank before the colon": ["GET / HTTP/1.1\r\nHost : h\r\n\r\n", "400 Bad Request: a header line"],
  "a carriage return in a value": ["GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", "400 Bad Request: the header X"],
  "a length that is no number": [
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    "400 Bad Request: Content-Length must",
  ],
  "two lengths": [
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "400 Bad Request: Content-Length must",
  ],
  "a length and chunks": [
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "400 Bad Request: Content-Length and",
  ],
  "another transfer coding": [
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "501 Not Implemented: the only transfer coding",
  ],
  "CONNECT": ["CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request: the request target"],
  "TRACE": ["TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", "405 Method Not Allowed: TRACE"],
  "a head without end": [
    `GET / HTTP/1.1\r\nHost: h\r\n${`X: ${"y".repeat(1000)}\r\n`.repeat(70)}`,
    "431 Request Header Fields Too Large: a request head",
  ],
};

for (const [claim, [request, expected]] of Object.entries(MALFORMED)) {
  Deno.test(`HTTP server refuses ${claim} and closes`, async () => {
    const { connect } = await open(echo);
    const conn = await connect();
    await conn.say(request);
    const [head = "", body = ""] = conn.heard().split("\r\n\r\n");
    assertEquals(`${head.split(" ")[1]} ${body}`.slice(0, expected.length), expected);
    assertMatch(head, /\r\nconnection: close$/);
    conn.end();
    await settled();
    assertEquals(conn.isClosed, true);
  });
}

Deno.test("HTTP server drops a connection without a request after ten seconds, however it drips", async () => {
  const { server, clock, lines, connect } = await open(echo);
  const silent = await connect();
  const dripping = await connect();
  for (let second = 0; second < 9; second++) {
    await dripping.say("G");
    await clock.advance(1_000);
  }
  assertEquals([silent.isClosed, dripping.isClosed], [false, false]);
  await clock.advance(1_000);
  assertEquals([silent.isClosed, dripping.isClosed], [true, true]);
  assertEquals(server.connections, { open: 0, waiting: 0 });
  assertEquals(lines, ["Closed a connection without a request"]);
});

Deno.test("HTTP server keeps an idle connection for two minutes, and gives its next request ten seconds", async () => {
  const { clock, connect } = await open(echo);
  const conn = await connect();
  await conn.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await clock.advance(119_000);
  assertEquals(conn.isClosed, false);
  const other = await connect();
  await other.say("GET / HTTP/1.1\r\nHost: h\r\n\r\nG");
  await clock.advance(1_000);
  assertEquals(conn.isClosed, true);
  await clock.advance(9_000);
  assertEquals(other.isClosed, true);
});

Deno.test("HTTP server lets the oldest connections without a request give way to new ones", async () => {
  const { server, lines, connect } = await open(echo, { maxWaiting: 3 });
  const conns = [];
  for (let index = 0; index < 5; index++) conns.push(await connect());
  assertEquals(conns.map(({ isClosed }) => isClosed), [true, true, false, false, false]);
  assertEquals(server.connections, { open: 3, waiting: 3 });
  await conns[2]?.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assert(conns[2]?.heard().startsWith("HTTP/1.1 200"));
  assertEquals(lines, ["Closed a connection without a request"]);
});

Deno.test("HTTP server closes a connection that takes nothing of its answer for thirty seconds", async () => {
  const { clock, connect } = await open(echo);
  const conn = await connect();
  conn.takes = 0;
  await conn.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await clock.advance(29_000);
  assertEquals(conn.isClosed, false);
  await clock.advance(2_000);
  assertEquals(conn.isClosed, true);
});

Deno.test("HTTP server aborts a request whose client leaves", async () => {
  const aborted = Promise.withResolvers<void>();
  const { connect } = await open((request) => {
    request.signal.addEventListener("abort", () => aborted.resolve());
    return new Promise(() => {});
  });
  const conn = await connect();
  await conn.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
  conn.end();
  await aborted.promise;
});

Deno.test("HTTP server gives up a connection with the bytes that followed its request", async () => {
  const { server, connect } = await open((_request, { takeOver }) => {
    const taken = takeOver?.();
    taken?.stream.write(taken.received);
    return new Response(null);
  });
  const conn = await connect();
  await conn.say("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\nmore");
  assertEquals([conn.heard(), conn.isClosed, server.connections.open], ["more", false, 0]);
});

Deno.test("HTTP server sends a large answer in pieces, and closes when it is shorter than announced", async () => {
  const size = 300_000;
  const stream = (bytes: number) => new Blob([new Uint8Array(bytes)]).stream();
  const headers = { "content-type": "x/y", "content-length": `${size}` };
  const { connect } = await open((request) =>
    new Response(stream(request.url.endsWith("/short") ? size - 1 : size), { headers })
  );
  const conn = await connect();
  await conn.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  await settled();
  assertEquals(conn.heard().split("\r\n\r\n")[1]?.length, size);
  await conn.say("GET /short HTTP/1.1\r\nHost: h\r\n\r\n");
  await settled();
  conn.end();
  await settled();
  assertEquals(conn.isClosed, true);
});

Deno.test("HTTP server compresses what can be compressed for those who ask, large bodies in chunks", async () => {
  const body = "a".repeat(400_000);
  const { connect } = await open((request) => {
    const text = request.url.endsWith("/large") ? body : body.slice(0, 1000);
    return new Response(text, { headers: { "content-type": "application/json", "content-length": `${text.length}` } });
  });
  async function ask(path: string, fields: string) {
    const conn = await connect();
    conn.send(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: h\r\n${fields}Connection: close\r\n\r\n`));
    while (!conn.hasClosedWrite) await settled();
    const end = conn.received.findIndex((_, at) =>
      new TextDecoder().decode(conn.received.subarray(at, at + 4)) === "\r\n\r\n"
    );
    return { head: new TextDecoder().decode(conn.received.subarray(0, end)), body: conn.received.subarray(end + 4) };
  }
  const unzip = (bytes: Uint8Array<ArrayBuffer>) =>
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const small = await ask("/", "Accept-Encoding: br, gzip\r\n");
  assertMatch(small.head, /content-encoding: gzip/);
  assertMatch(small.head, /vary: accept-encoding/);
  assertEquals(await unzip(small.body.slice()), body.slice(0, 1000));
  assertMatch((await ask("/large", "Accept-Encoding: gzip\r\n")).head, /transfer-encoding: chunked/);
  for (const fields of ["", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: br\r\n"]) {
    assertEquals((await ask("/", fields)).head.includes("content-encoding"), false, fields);
  }
});

Deno.test("HTTP server that closes ends idle connections at once, and others when they have been answered", async () => {
  const release = Promise.withResolvers<void>();
  const { server, connect } = await open(async () => {
    await release.promise;
    return new Response("done");
  });
  const idle = await connect();
  const busy = await connect();
  await busy.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const closed = server.close(10_000);
  await settled();
  assertEquals([idle.isClosed, busy.isClosed], [true, false]);
  release.resolve();
  for (let round = 0; round < 5; round++) await settled();
  assertMatch(busy.heard(), /^HTTP\/1\.1 200 OK\r\nconnection: close\r\n/);
  busy.end();
  await closed;
  assertEquals(busy.isClosed, true);
});

Deno.test("HTTP server says nothing above debug of a client that leaves amid its body, and answers a broken body 400", async () => {
  const { connect, lines } = await open(echo);
  const gone = await connect();
  await gone.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{");
  gone.end();
  await settled();
  const broken = await connect();
  await broken.say("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab");
  await broken.say("cd\r\n0\r\n\r\n");
  assertMatch(
    broken.heard(),
    /^HTTP\/1\.1 400 Bad Request\r\n[^]*Bad Request: a chunk is longer than its size says\n$/,
  );
  assertEquals(lines, []);
});
