import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { type Fixture, serve } from "./fixture.ts";
import { OPCODE, RawClient } from "./raw_client.ts";

const IDLE_MS = 400;

/** Sends a notification every few milliseconds until the session is closed. */
async function notify(server: Fixture): Promise<void> {
  while (server.sessions[0]?.closedCalls === 0) {
    server.sessions[0].connection.send("event");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test("Connection pings a silent peer after half of the idle time", async () => {
  await using server = await serve({ idleTimeoutMs: IDLE_MS });
  using client = await RawClient.connect(server.listener.port);
  const started = performance.now();
  assertEquals((await client.frame())?.opcode, OPCODE.ping);
  assertGreater(performance.now() - started, IDLE_MS / 4);
  assertLess(performance.now() - started, IDLE_MS * 5);
});

Deno.test("Connection pings an active subscriber as well, and closes it when it does not answer", async () => {
  await using server = await serve({ idleTimeoutMs: IDLE_MS });
  using client = await RawClient.connect(server.listener.port);
  await server.until(() => server.sessions.length === 1, "the session");
  const events = notify(server);
  let pings = 0;
  for (
    let frame = await client.frame();
    frame !== null && frame.opcode !== OPCODE.close;
    frame = await client.frame()
  ) {
    if (frame.opcode === OPCODE.ping) pings++;
  }
  await events;
  assertEquals(pings, 1);
  await server.until(() => server.listener.connections === 0, "the slot");
  assertEquals(server.sessions[0]?.closedCalls, 1);
});

Deno.test("Connection keeps a subscriber that answers its pings", async () => {
  await using server = await serve({ idleTimeoutMs: 3 * IDLE_MS });
  using client = await RawClient.connect(server.listener.port);
  await server.until(() => server.sessions.length === 1, "the session");
  const events = notify(server);
  for (let pings = 0; pings < 3;) {
    const frame = await client.frame();
    assert(frame !== null && frame.opcode !== OPCODE.close, "closed although it answered");
    if (frame.opcode !== OPCODE.ping) continue;
    pings++;
    await client.send(frame.payload, { opcode: OPCODE.pong });
  }
  assertEquals(server.sessions[0]?.closedCalls, 0);
  client.close();
  await events;
});

Deno.test("Connection with keepalive off neither pings nor closes a silent peer", async () => {
  await using server = await serve({ idleTimeoutMs: 0 });
  using client = await RawClient.connect(server.listener.port);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await client.send("still here");
  assertEquals((await client.frame())?.opcode, OPCODE.text);
});
