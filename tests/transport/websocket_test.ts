import { assert, assertEquals, assertMatch } from "@std/assert";
import { WINDOW_BYTES } from "../../src/transport/mod.ts";
import { serve } from "./fixture.ts";
import { OPCODE, RawClient } from "./raw_client.ts";
import { until } from "../support/until.ts";

const MIB = 1024 * 1024;

Deno.test("Connection takes text and binary, and answers in text frames", async () => {
  await using server = await serve();
  using client = await RawClient.connect(server.listener.port);
  await client.send("héllo");
  assertEquals(await client.text(), "héllo");
  await client.send(new Uint8Array([1, 2, 3]), { opcode: OPCODE.binary });
  assertEquals(await client.text(), "3 bytes");
  assertEquals(server.sessions[0]?.messages[1], new Uint8Array([1, 2, 3]));
});

Deno.test("Connection joins fragments, a character split between two and a ping in between included", async () => {
  await using server = await serve();
  using client = await RawClient.connect(server.listener.port);
  const bytes = new TextEncoder().encode("é");
  await client.send(bytes.subarray(0, 1), { fin: false });
  await client.send("hi", { opcode: OPCODE.ping });
  await client.send(bytes.subarray(1), { opcode: OPCODE.continuation });
  const pong = await client.frame();
  assertEquals([pong?.opcode, new TextDecoder().decode(pong?.payload)], [OPCODE.pong, "hi"]);
  assertEquals(await client.text(), "é");
});

interface Broken {
  readonly claim: string;
  readonly frame: (client: RawClient) => Promise<void>;
  readonly code: number;
  readonly reason: string;
}

const BROKEN: readonly Broken[] = [
  {
    claim: "text that is not UTF-8",
    frame: (client) => client.send(new Uint8Array([0xff, 0xfe])),
    code: 1007,
    reason: "a text message must be UTF-8",
  },
  {
    claim: "text whose fragments together are not UTF-8",
    frame: async (client) => {
      await client.send(new Uint8Array([0xc3]), { fin: false });
      await client.send(new Uint8Array([0x28]), { opcode: OPCODE.continuation });
    },
    code: 1007,
    reason: "a text message must be UTF-8",
  },
  {
    claim: "a close reason that is not UTF-8",
    frame: (client) => client.send(new Uint8Array([0x03, 0xe8, 0xff]), { opcode: OPCODE.close }),
    code: 1007,
    reason: "a close reason must be UTF-8",
  },
  {
    claim: "reserved bits",
    frame: (client) => client.send("x", { reserved: 4 }),
    code: 1002,
    reason: "a reserved bit is set",
  },
  {
    claim: "a frame without a mask",
    frame: (client) => client.send("x", { masked: false }),
    code: 1002,
    reason: "a frame of a client must be masked",
  },
  {
    claim: "a reserved opcode",
    frame: (client) => client.send("x", { opcode: 3 }),
    code: 1002,
    reason: "opcode 3 is reserved",
  },
  {
    claim: "a reserved control opcode",
    frame: (client) => client.send("x", { opcode: 11 }),
    code: 1002,
    reason: "opcode 11 is reserved",
  },
  {
    claim: "a continuation of nothing",
    frame: (client) => client.send("x", { opcode: OPCODE.continuation }),
    code: 1002,
    reason: "a continuation without a message",
  },
  {
    claim: "a message within another",
    frame: async (client) => {
      await client.send("x", { fin: false });
      await client.send("x");
    },
    code: 1002,
    reason: "a new message within a fragmented one",
  },
  {
    claim: "a fragmented ping",
    frame: (client) => client.send("x", { opcode: OPCODE.ping, fin: false }),
    code: 1002,
    reason: "a control frame must not be fragmented",
  },
  {
    claim: "a ping of 126 bytes",
    frame: (client) => client.send("x".repeat(126), { opcode: OPCODE.ping }),
    code: 1002,
    reason: "a control frame carries 125 bytes at most",
  },
  {
    claim: "a close frame of one byte",
    frame: (client) => client.send("x", { opcode: OPCODE.close }),
    code: 1002,
    reason: "a close code has two bytes",
  },
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map((sent) => ({
    claim: `close code ${sent}`,
    frame: (client: RawClient) => client.send(new Uint8Array([sent >> 8, sent & 255]), { opcode: OPCODE.close }),
    code: 1002,
    reason: `close code ${sent} must not be sent`,
  })),
  {
    claim: "a frame that claims 65 MiB",
    frame: (client) => client.send("x", { claim: 65 * MIB }),
    code: 1009,
    reason: `message too large: ${65 * MIB} bytes, the limit is ${32 * MIB}`,
  },
];

for (const { claim, frame, code, reason } of BROKEN) {
  Deno.test(`Connection closes with ${code} on ${claim}, once, and delivers nothing of it`, async () => {
    await using server = await serve();
    using client = await RawClient.connect(server.listener.port);
    await frame(client);
    assertEquals(await client.closeFrame(), { code, reason });
    client.close();
    await until(() => server.listener.connections === 0, "the slot");
    assertEquals(server.sessions[0]?.messages, []);
    assertEquals(server.sessions[0]?.closedCalls, 1);
    assertEquals(server.log.filter(({ level }) => level === "warn").map(({ fields }) => fields["code"]), [code]);
  });
}

Deno.test("Connection answers what was asked before a broken frame", async () => {
  await using server = await serve();
  using client = await RawClient.connect(server.listener.port);
  await client.send("first");
  await client.send("x", { reserved: 1 });
  assertEquals(await client.text(), "first");
  assertEquals((await client.closeFrame())?.code, 1002);
});

Deno.test("Connection echoes the client's close code and reports the end once", async () => {
  await using server = await serve();
  using client = await RawClient.connect(server.listener.port);
  await client.send(new Uint8Array([0x0f, 0xa0]), { opcode: OPCODE.close });
  assertEquals(await client.closeFrame(), { code: 4000, reason: "" });
  await until(() => server.listener.connections === 0, "the slot");
  assertEquals(server.sessions[0]?.closedCalls, 1);
});

Deno.test("Connection reports an abrupt end once", async () => {
  await using server = await serve();
  const client = await RawClient.connect(server.listener.port);
  await client.send("x");
  await client.text();
  client.close();
  await until(() => server.listener.connections === 0, "the slot");
  assertEquals(server.sessions[0]?.closedCalls, 1);
});

Deno.test("Connection takes a message of exactly the limit and closes one byte over it with 1009 and both numbers", async () => {
  await using server = await serve({ maxMessageBytes: 1000 });
  using client = await RawClient.connect(server.listener.port);
  await client.send("x".repeat(1000));
  assertEquals(await client.text(), "x".repeat(1000));
  await client.sendFragments("x".repeat(1001), 100);
  assertEquals(await client.closeFrame(), {
    code: 1009,
    reason: "message too large: 1001 bytes, the limit is 1000",
  });
  await until(() => server.sessions[0]?.closedCalls === 1, "the end");
  assertEquals(server.log.filter(({ level }) => level === "warn").map(({ message }) => message), ["Message too large"]);
});

Deno.test("Connection counts a message's bytes, not its characters", async () => {
  await using server = await serve({ maxMessageBytes: 1000 });
  using client = await RawClient.connect(server.listener.port);
  await client.send("é".repeat(500));
  assertEquals(await client.text(), "é".repeat(500));
  await client.send("€".repeat(334));
  assertEquals((await client.closeFrame())?.reason, "message too large: 1002 bytes, the limit is 1000");
});

Deno.test("Connection holds binary messages to the same limit", async () => {
  await using server = await serve({ maxMessageBytes: 1000 });
  using client = await RawClient.connect(server.listener.port);
  await client.send(new Uint8Array(1001), { opcode: OPCODE.binary });
  assertEquals((await client.closeFrame())?.code, 1009);
});

Deno.test("Connection sends what was queued before its close frame", async () => {
  await using server = await serve({
    onMessage: ({ connection }) => {
      for (let i = 0; i < 40; i++) connection.send(`${i}:${"x".repeat(100_000)}`);
      connection.close(4001, "done");
      connection.send("too late");
    },
  });
  using client = await RawClient.connect(server.listener.port);
  await client.send("go");
  for (let i = 0; i < 40; i++) assertMatch((await client.text())?.slice(0, 4) ?? "", new RegExp(`^${i}:x`));
  assertEquals(await client.closeFrame(), { code: 4001, reason: "done" });
});

Deno.test("Connection cuts a close reason to what a close frame carries, at a character", async () => {
  await using server = await serve({ onMessage: ({ connection }) => connection.close(4001, "é".repeat(200)) });
  using client = await RawClient.connect(server.listener.port);
  await client.send("go");
  assertEquals((await client.closeFrame())?.reason, "é".repeat(61));
});

Deno.test("Connection survives a handler that throws: 1011, one error line, the process goes on", async () => {
  await using server = await serve({
    onMessage: () => {
      throw new Error("boom");
    },
  });
  using client = await RawClient.connect(server.listener.port);
  await client.send("go");
  assertEquals(await client.closeFrame(), { code: 1011, reason: "internal error" });
  assertEquals(server.log.filter(({ level }) => level === "error").map(({ message }) => message), [
    "Message handler crashed",
  ]);
});

Deno.test("Connection delivers one answer far larger than the window", async () => {
  await using server = await serve({ onMessage: ({ connection }) => connection.send("x".repeat(40 * MIB)) });
  using client = await RawClient.connect(server.listener.port);
  await client.send("go");
  assertEquals((await client.text())?.length, 40 * MIB);
});

Deno.test("Connection keeps the order of many messages through the window", async () => {
  await using server = await serve({
    onMessage: ({ connection }) => {
      for (let i = 0; i < 20_000; i++) connection.send(`${i} ${"x".repeat(i % 700)}`);
    },
  });
  using client = await RawClient.connect(server.listener.port);
  await client.send("go");
  for (let i = 0; i < 20_000; i++) assertEquals(await client.text(), `${i} ${"x".repeat(i % 700)}`);
});

Deno.test("Connection hands the runtime no more than a window while the peer does not read", async () => {
  await using server = await serve();
  using client = await RawClient.connect(server.listener.port);
  await client.send("hello");
  await client.text();
  const session = server.sessions[0];
  assert(session !== undefined);
  for (let i = 0; i < 8 * MIB; i += 1000) session.connection.send("x".repeat(1000));
  assertEquals(session.connection.isBehind(7 * MIB), true);
  let drained = false;
  const whenDrained = session.connection.drained().then(() => drained = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(drained, false);
  for (let left = Math.ceil(8 * MIB / 1000); left > 0; left--) await client.text();
  await whenDrained;
  assertEquals(session.connection.isBehind(WINDOW_BYTES), false);
});

Deno.test("Connection resolves drained at once when nothing waits, and when it ends", async () => {
  await using server = await serve();
  const client = await RawClient.connect(server.listener.port);
  await client.send("hello");
  await client.text();
  const connection = server.sessions[0]?.connection;
  await connection?.drained();
  for (let i = 0; i < 14; i++) connection?.send("x".repeat(MIB));
  const whenDrained = connection?.drained();
  client.close();
  await whenDrained;
  await connection?.drained();
});
