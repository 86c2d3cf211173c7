import { assert, assertEquals } from "@std/assert";
import { FakeClock } from "../support/fake_clock.ts";
import { serve } from "./fixture.ts";
import { OPCODE, RawClient } from "./raw_client.ts";
import { until } from "../support/until.ts";

const IDLE_MS = 30_000;
const STEP_MS = IDLE_MS / 4;

Deno.test("Connection pings a silent peer after half of the idle time, and closes it after all of it", async () => {
  const clock = new FakeClock();
  await using server = await serve({ idleTimeoutMs: IDLE_MS, clock });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  await clock.advance(3 * STEP_MS);
  assertEquals((await client.frame())?.opcode, OPCODE.ping);
  assertEquals(server.sessions[0]?.closedCalls, 0);
  await clock.advance(2 * STEP_MS);
  assertEquals(await client.frame(), null);
  await until(() => server.listener.connections === 0, "the slot");
  assertEquals(server.sessions[0]?.closedCalls, 1);
});

Deno.test("Connection pings an active subscriber as well, and closes it when it does not answer", async () => {
  const clock = new FakeClock();
  await using server = await serve({ idleTimeoutMs: IDLE_MS, clock });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  const opcodes: number[] = [];
  for (let step = 0; server.sessions[0]?.closedCalls === 0; step++) {
    server.sessions[0].connection.send("event");
    await clock.advance(STEP_MS);
    assert(step < 10, "an idle time has four steps");
  }
  for (let frame = await client.frame(); frame !== null; frame = await client.frame()) opcodes.push(frame.opcode);
  assertEquals(opcodes.filter((opcode) => opcode === OPCODE.ping).length, 1);
  assertEquals(opcodes.filter((opcode) => opcode === OPCODE.text).length, 5);
});

Deno.test("Connection keeps a subscriber that answers its pings", async () => {
  const clock = new FakeClock();
  await using server = await serve({ idleTimeoutMs: IDLE_MS, clock });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  for (let pings = 0; pings < 3;) {
    await clock.advance(STEP_MS);
    server.sessions[0]?.connection.send("event");
    const frame = await client.frame();
    assert(frame !== null && frame.opcode !== OPCODE.close, "closed although it answered");
    if (frame.opcode !== OPCODE.ping) continue;
    pings++;
    // Its answer is read before that to a message which follows it.
    await client.send(frame.payload, { opcode: OPCODE.pong });
    await client.send("answered");
    while (await client.text() !== "answered");
  }
  assertEquals(server.sessions[0]?.closedCalls, 0);
});

Deno.test("Connection with keepalive off neither pings nor closes a silent peer", async () => {
  const clock = new FakeClock();
  await using server = await serve({ idleTimeoutMs: 0, clock });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  await clock.advance(100 * IDLE_MS);
  await client.send("still here");
  assertEquals((await client.frame())?.opcode, OPCODE.text);
});
