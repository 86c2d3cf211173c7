import { assertEquals } from "@std/assert";
import { bind, createEndpoint, type Endpoint, TransportCounters } from "../../src/transport/mod.ts";
import { OPCODE, RawClient } from "./raw_client.ts";

/** What one ending is counted as. */
function counted(code: number, { failure = "", ours = false } = {}): string {
  const counters = new TransportCounters();
  counters.closed({ code, failure, ours });
  const [only] = counters.closes;
  return `${only?.code} ${only?.reason} ${only?.count}`;
}

Deno.test("TransportCounters names who ended a connection, or why this server did", () => {
  assertEquals(counted(1001, { ours: true }), "1001 shutting down 1");
  assertEquals(counted(1002, { ours: true }), "1002 protocol error 1");
  assertEquals(counted(1007, { ours: true }), "1007 invalid text 1");
  assertEquals(counted(1009, { ours: true }), "1009 message too large 1");
  assertEquals(counted(1013, { ours: true }), "1013 unfinished message 1");
  assertEquals(counted(4008, { ours: true }), "4008 slow consumer 1");
  assertEquals(counted(1000), "1000 client 1");
  assertEquals(counted(1005), "1005 client 1");
  assertEquals(counted(0), "1006 lost 1");
});

Deno.test("TransportCounters has no label that a client could make up", () => {
  const counters = new TransportCounters();
  for (let code = 3000; code < 5000; code++) counters.closed({ code, failure: "", ours: false });
  assertEquals(counters.closes, [{ code: "other", reason: "client", count: 2000 }]);
});

interface Counted extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly port: number;
  /** Resolves when the last connection has gone. */
  readonly emptied: Promise<void>;
}

/** A port whose connections are told nothing and may be kept waiting. */
async function open(options: { idleTimeoutMs?: number; onOpen?: (send: (text: string) => void) => void }) {
  const ignore = () => {};
  const { promise: emptied, resolve } = Promise.withResolvers<void>();
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const endpoint = createEndpoint({
    prefix: "",
    origins: [],
    maxConnections: 10,
    maxMessageBytes: 1024,
    sendBufferBytes: 16 * 1024 * 1024,
    idleTimeoutMs: options.idleTimeoutMs ?? 0,
    log: {
      ...log,
      debug(message) {
        // Logged by the connection on its way out, just before it is counted.
        if (message === "Connection closed") queueMicrotask(resolve);
      },
    },
  }, (connection) => {
    options.onOpen?.((text) => connection.send(text));
    return { message: ignore, closed: ignore, drain: () => Promise.resolve(), cancel: ignore };
  });
  const bound = await bind({ addr: "127.0.0.1", port: 0, log }, endpoint);
  const counted: Counted = {
    endpoint,
    port: bound.port,
    emptied,
    [Symbol.asyncDispose]: () => bound.stop({ graceMs: 0 }),
  };
  return counted;
}

Deno.test("A peer that answers no ping is counted as silent", async () => {
  await using server = await open({ idleTimeoutMs: 1000 });
  using client = await RawClient.connect(server.port);
  assertEquals((await client.frame())?.opcode, OPCODE.ping);
  await server.emptied;
  assertEquals(server.endpoint.counters.closes, [{ code: "1001", reason: "silent", count: 1 }]);
});

Deno.test("A peer whose connection breaks off is counted as lost", async () => {
  await using server = await open({});
  const client = await RawClient.connect(server.port);
  client.close();
  await server.emptied;
  assertEquals(server.endpoint.counters.closes, [{ code: "1006", reason: "lost", count: 1 }]);
  assertEquals(server.endpoint.counters.opened, 1);
});

Deno.test("The lag is that of the message that has waited the longest, and the bytes are those of all", async () => {
  // More than the kernel buffers of both ends hold.
  const text = "x".repeat(8 * 1024 * 1024);
  const opened = Promise.withResolvers<void>();
  await using server = await open({
    onOpen(send) {
      // The first fills what the runtime takes, the second waits behind it.
      send(text);
      send(text);
      opened.resolve();
    },
  });
  using client = await RawClient.connect(server.port);
  await opened.promise;
  assertEquals(server.endpoint.queuedBytes >= text.length, true);
  const before = server.endpoint.lagMs;
  assertEquals(before > 0, true);
  for (let read = 0; read < 2; read++) await client.frame();
  assertEquals(server.endpoint.lagMs, 0);
});
