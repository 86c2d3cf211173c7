import { assert, assertEquals } from "@std/assert";
import { serve, type Session } from "./fixture.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { OPCODE, RawClient } from "./raw_client.ts";
import { until } from "../support/until.ts";

const MIB = 1024 * 1024;
const CHUNK = "x".repeat(64 * 1024);

/** Sends `bytes` in one turn of the event loop. */
function flood({ connection }: Session, bytes: number): void {
  for (let sent = 0; sent < bytes; sent += CHUNK.length) connection.send(CHUNK);
}

Deno.test("Connection drops the queue of a slow consumer, ends its session at once and logs one line", async () => {
  await using server = await serve({ sendBufferBytes: MIB });
  using _client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  const session = server.sessions[0];
  assert(session !== undefined);
  flood(session, 32 * MIB);
  await Promise.resolve();
  assertEquals(session.closedCalls, 1);
  assertEquals(session.connection.isBehind(0), false);
  const warnings = server.log.filter(({ level }) => level === "warn");
  assertEquals(warnings.map(({ message }) => message), ["Closing slow consumer"]);
  assert(Number(warnings[0]?.fields["queued"]) > MIB);
});

Deno.test("Connection tells a slow consumer that reads again why it was closed: 4008 and the bytes", async () => {
  await using server = await serve({ sendBufferBytes: MIB });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  flood(server.sessions[0] as Session, 32 * MIB);
  const queued = server.log.find(({ message }) => message === "Closing slow consumer")?.fields["queued"];
  assertEquals(await client.closeFrame(), { code: 4008, reason: `slow consumer: ${queued} bytes queued` });
  await client.send(new Uint8Array([0x0f, 0xa8]), { opcode: OPCODE.close });
  await until(() => server.listener.connections === 0, "the slot");
  assertEquals(server.sessions[0]?.closedCalls, 1);
});

Deno.test("Connection does not close a fast reader that is sent many times the send buffer", async () => {
  await using server = await serve({
    sendBufferBytes: MIB,
    onMessage: async ({ connection }) => {
      for (let sent = 0; sent < 64 * MIB; sent += CHUNK.length) {
        connection.send(CHUNK);
        await connection.drained();
      }
    },
  });
  using client = await RawClient.connect(server.listener.port);
  await client.send("go");
  for (let got = 0; got < 64 * MIB; got += CHUNK.length) assertEquals((await client.text())?.length, CHUNK.length);
});

Deno.test("Connection closes a silent peer that takes no byte, although a ping cannot reach it", async () => {
  const clock = new FakeClock();
  await using server = await serve({ idleTimeoutMs: 30_000, clock });
  using _client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  const session = server.sessions[0] as Session;
  flood(session, 12 * MIB);
  // The system takes its part before anything stalls.
  await until(() => session.connection.isBehind(5 * MIB), "the stall");
  for (let look = 0; session.closedCalls === 0; look++) {
    await clock.advance(7_500);
    assert(look < 10, "thirty seconds without a byte are enough");
  }
  assertEquals(server.log.filter(({ level }) => level === "warn").map(({ message }) => message), [
    "Closing slow consumer",
  ]);
});

Deno.test("Connection keeps a slow reader that takes some bytes in every period", async () => {
  const clock = new FakeClock();
  await using server = await serve({ idleTimeoutMs: 30_000, onMessage: () => {}, clock });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  const session = server.sessions[0] as Session;
  flood(session, 12 * MIB);
  for (let got = 0; got < 12 * MIB; got += CHUNK.length) {
    assertEquals((await client.text())?.length, CHUNK.length);
    // Its own traffic shows that it is alive; what is tested here is the stall check.
    await client.send("reading");
    await until(() => session.messages.length > got / CHUNK.length, "the message");
    await clock.advance(5_000);
  }
  assertEquals(session.closedCalls, 0);
});

Deno.test("A hundred readers that never read hold a bounded amount of memory", async () => {
  await using server = await serve({ sendBufferBytes: MIB, maxConnections: 200 });
  const before = Deno.memoryUsage().rss;
  const clients: RawClient[] = [];
  try {
    for (let i = 0; i < 100; i++) clients.push(await RawClient.connect(server.listener.port));
    await until(() => server.sessions.length === 100, "the sessions");
    // Each is offered 32 MiB, with turns of the event loop in between: 3.2 GiB in all.
    for (let round = 0; round < 64; round++) {
      for (const session of server.sessions) flood(session, MIB / 2);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    assertEquals(server.sessions.map(({ closedCalls }) => closedCalls), server.sessions.map(() => 1));
    const grown = (Deno.memoryUsage().rss - before) / MIB;
    // A window each is 25 MiB, and each had a queue of a MiB for a moment.
    assert(grown < 300, `${grown.toFixed(0)} MiB more than before`);
    assertEquals(server.listener.connections, 100);
  } finally {
    for (const client of clients) client.close();
  }
  await until(() => server.listener.connections === 0, "the slots");
});

Deno.test("A reader that never reads does not delay another", async () => {
  await using server = await serve();
  using _stuck = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  flood(server.sessions[0] as Session, 12 * MIB);
  using other = await RawClient.connect(server.listener.port);
  for (let i = 0; i < 200; i++) {
    await other.send(String(i));
    assertEquals(await other.text(), String(i));
  }
  assertEquals(server.sessions[0]?.connection.isBehind(4 * MIB), true);
  assertEquals(server.sessions[0]?.closedCalls, 0);
});
