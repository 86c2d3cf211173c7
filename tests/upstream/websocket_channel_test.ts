import { assertEquals, assertRejects } from "@std/assert";
import { readAddress } from "../../src/upstream/address.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { freePort } from "../support/free_port.ts";
import { connectWebSocket, type WebSocketTimings } from "../../src/upstream/websocket_channel.ts";

const LIMITS = { timeoutMs: 5_000 };

/** A WebSocket server of the runtime, which answers each call with its parameters. */
function startEcho(onSocket: (socket: WebSocket) => void = () => {}) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.onmessage = ({ data }) => {
      const { id, params } = JSON.parse(data);
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: params }));
    };
    socket.onopen = () => onSocket(socket);
    return response;
  });
  return { url: `ws://127.0.0.1:${server.addr.port}/path?key=SECRET`, stop: () => server.shutdown() };
}

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A server that answers the handshake and then writes what a test says, byte for byte. */
function startRaw(speak: (connection: Deno.TcpConn) => Promise<void>, { status = 101, fields = "" } = {}) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  void (async () => {
    for await (const connection of listener) {
      try {
        const buffer = new Uint8Array(4_096);
        const request = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
        requests.push(request);
        const key = /Sec-WebSocket-Key: (.+)\r\n/.exec(request)?.[1] ?? "";
        const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(`${key}${ACCEPT_SUFFIX}`));
        const accept = new Uint8Array(digest).toBase64();
        await connection.write(
          new TextEncoder().encode(
            `HTTP/1.1 ${status} x\r\nUpgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n${fields}\r\n`,
          ),
        );
        await speak(connection);
      } catch {
        // The client has ended it.
      }
      connection.close();
    }
  })().catch(() => {});
  return { url: `ws://127.0.0.1:${listener.addr.port}`, requests, stop: () => listener.close() };
}

function frame(first: number, payload: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const length = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 255];
  return new Uint8Array([first, ...length, ...bytes]);
}

/** Connects, and resolves with the reason for which the channel ends. */
async function endOf(url: string, timings?: WebSocketTimings): Promise<string> {
  const channel = await connectWebSocket(readAddress(url), timings);
  return (await channel.closed).message;
}

/** The reason for which a server that says this after the handshake is left. */
async function endAfter(...bytes: Uint8Array<ArrayBuffer>[]): Promise<string> {
  const server = startRaw(async (connection) => {
    for (const part of bytes) await connection.write(part);
    await connection.read(new Uint8Array(1_024));
  });
  try {
    return await endOf(server.url);
  } finally {
    server.stop();
  }
}

Deno.test("connectWebSocket carries calls of every length, many at once", async () => {
  const { url, stop } = startEcho();
  const channel = await connectWebSocket(readAddress(url));
  const texts = [0, 1, 100, 125, 126, 1_000, 65_535, 65_536, 300_000].map((length) => "ä".repeat(length));
  const answers = await Promise.all(texts.map((text) => channel.call("echo", JSON.stringify([text]), LIMITS)));
  assertEquals(answers.map((answer) => answer.decode()), texts.map((text) => [text]));
  channel.close();
  await assertRejects(() => channel.call("echo", "[]", LIMITS), UpstreamFailure, "closed here");
  await stop();
});

Deno.test("connectWebSocket sends the path, the headers and no secret of the URL in an error", async () => {
  const server = startRaw(() => Promise.resolve(), { status: 429, fields: "Retry-After: 7\r\n" });
  const address = readAddress(`${server.url.replace("127", "user:pass@127")}/v2/KEY?a=b`, { "x-tenant": "me" });
  const failure = await assertRejects(() => connectWebSocket(address), UpstreamFailure);
  assertEquals([failure.kind, failure.message, failure.retryAfterMs], [
    "busy",
    "the handshake was refused with status 429",
    7_000,
  ]);
  const [request = ""] = server.requests;
  assertEquals(request.split("\r\n")[0], "GET /v2/KEY?a=b HTTP/1.1");
  assertEquals(/^x-tenant: me\r$/m.test(request), true);
  assertEquals(/^authorization: Basic dXNlcjpwYXNz\r$/m.test(request), true);
  server.stop();
  const nobody = readAddress(`ws://127.0.0.1:${freePort()}/KEY`);
  const refused = await assertRejects(() => connectWebSocket(nobody), UpstreamFailure);
  assertEquals(refused.message, "the connection failed: ConnectionRefused");
});

Deno.test("connectWebSocket puts a message together that comes in parts, with a ping between them", async () => {
  const pongs: Uint8Array[] = [];
  const server = startRaw(async (connection) => {
    const buffer = new Uint8Array(4_096);
    await connection.read(buffer);
    const answer = '{"jsonrpc":"2.0","id":1,"result":"' + "x".repeat(300) + '"}';
    const whole = [
      frame(0x01, answer.slice(0, 20)),
      frame(0x89, "hey"),
      frame(0x00, ""),
      frame(0x80, answer.slice(20)),
    ];
    // One byte at a time: no frame ends where a read does.
    for (const byte of whole.flatMap((part) => [...part])) await connection.write(new Uint8Array([byte]));
    pongs.push(buffer.slice(0, await connection.read(buffer) ?? 0));
  });
  const channel = await connectWebSocket(readAddress(server.url));
  assertEquals((await channel.call("m", "[]", LIMITS)).decode(), "x".repeat(300));
  await channel.closed;
  assertEquals([pongs[0]?.[0], pongs[0]?.[1]], [0x8a, 0x83], "a masked pong of three bytes");
  server.stop();
});

Deno.test("connectWebSocket ends on a breach of RFC 6455, and says which", async () => {
  const head = "it sent what is no JSON-RPC: ";
  assertEquals(await endAfter(frame(0xc1, "{}")), `${head}a frame has bits of an extension that was not agreed on`);
  assertEquals(await endAfter(new Uint8Array([0x81, 0x82, 1, 2, 3, 4, 5, 6])), `${head}a frame of a server is masked`);
  assertEquals(await endAfter(frame(0x80, "x")), `${head}the frames of a message are out of order`);
  assertEquals(await endAfter(frame(0x01, "x"), frame(0x81, "x")), `${head}the frames of a message are out of order`);
  assertEquals(await endAfter(frame(0x83, "x")), `${head}a frame has the unknown opcode 3`);
  assertEquals(await endAfter(frame(0x8b, "x")), `${head}a frame has the unknown opcode 11`);
  assertEquals(await endAfter(frame(0x09, "x")), `${head}a control frame is in parts or too long`);
  assertEquals(await endAfter(frame(0x89, "x".repeat(126))), `${head}a control frame is in parts or too long`);
  assertEquals(
    await endAfter(new Uint8Array([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0])),
    `${head}a message is longer than 536870912 bytes`,
  );
  assertEquals((await endAfter(frame(0x81, new Uint8Array([0xff])))).startsWith(head), true, "text that is no UTF-8");
  assertEquals((await endAfter(frame(0x81, "hello"))).startsWith(head), true, "text that is no JSON");
});

Deno.test("connectWebSocket tells the code and the reason of a close, and an end without one", async () => {
  const { url, stop } = startEcho((socket) => socket.close(4001, "too many"));
  assertEquals(await endOf(url), "the connection was closed with 4001 (too many)");
  await stop();
  const server = startRaw(() => Promise.resolve());
  assertEquals(await endOf(server.url), "the connection was closed without a word");
  server.stop();
});

Deno.test("connectWebSocket ends a connection whose pings are not answered, and gives up a handshake", async () => {
  const deaf = startRaw(async (connection) => {
    while (await connection.read(new Uint8Array(64)) !== null);
  });
  assertEquals(await endOf(deaf.url, { pingIntervalMs: 20, pongTimeoutMs: 40 }), "no answer to a ping in 40 ms");
  deaf.stop();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = readAddress(`ws://127.0.0.1:${listener.addr.port}`);
  const failure = await assertRejects(() => connectWebSocket(address, { handshakeTimeoutMs: 50 }), UpstreamFailure);
  assertEquals([failure.kind, failure.message], ["timeout", "no connection in 50 ms"]);
  listener.close();
});

Deno.test("connectWebSocket keeps a connection whose pings are answered", async () => {
  const server = startRaw(async (connection) => {
    const buffer = new Uint8Array(64);
    // A ping is two bytes and its mask.
    for (let pings = 0; pings < 5; pings++) {
      const length = await connection.read(buffer);
      assertEquals([length, buffer[0], buffer[1]], [6, 0x89, 0x80]);
      await connection.write(frame(0x8a, ""));
    }
    await connection.write(frame(0x88, new Uint8Array([0x03, 0xe8, 0x6f, 0x6b])));
  });
  const end = await endOf(server.url, { pingIntervalMs: 10, pongTimeoutMs: 5_000 });
  assertEquals(end, "the connection was closed with 1000 (ok)");
  server.stop();
});

Deno.test("connectWebSocket refuses a server that does not know the protocol", async () => {
  const extension = startRaw(() => Promise.resolve(), { fields: "Sec-WebSocket-Extensions: permessage-deflate\r\n" });
  await assertRejects(() => connectWebSocket(readAddress(extension.url)), UpstreamFailure, "not asked for");
  extension.stop();
  const plain = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("hello"));
  const address = readAddress(`ws://127.0.0.1:${plain.addr.port}`);
  await assertRejects(() => connectWebSocket(address), UpstreamFailure, "the handshake was refused with status 200");
  await plain.shutdown();
});
