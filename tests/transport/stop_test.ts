import { assert, assertEquals, assertRejects } from "@std/assert";
import { serve } from "./fixture.ts";
import { OPCODE, RawClient } from "./raw_client.ts";
import { until } from "../support/until.ts";

const GOING_AWAY = new Uint8Array([0x03, 0xe9]);

Deno.test("Listener.stop answers what is running, then closes with 1001 and a reason", async () => {
  const answer = Promise.withResolvers<void>();
  const draining = Promise.withResolvers<void>();
  const server = await serve({
    onMessage: () => {},
    drain: async ({ connection }) => {
      draining.resolve();
      await answer.promise;
      connection.send("the answer");
    },
  });
  using client = await RawClient.connect(server.listener.port);
  await client.send("a long call");
  await until(() => server.sessions[0]?.messages.length === 1, "the call");
  const stopped = server.listener.stop({ graceMs: 5_000 });
  await draining.promise;
  assertEquals((await RawClient.ask(server.listener.port)).body, "Service Unavailable: the server is shutting down\n");
  answer.resolve();
  assertEquals(await client.text(), "the answer");
  assertEquals(await client.closeFrame(), { code: 1001, reason: "server is shutting down" });
  await client.send(GOING_AWAY, { opcode: OPCODE.close });
  await stopped;
  assertEquals(server.sessions[0]?.closedCalls, 1);
  assertEquals(server.listener.connections, 0);
  await assertRejects(() => RawClient.connect(server.listener.port), Deno.errors.ConnectionRefused);
});

Deno.test("Listener.stop does not wait longer than the grace for a call that does not end", async () => {
  const server = await serve({ drain: () => new Promise(() => {}) });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  const stopped = server.listener.stop({ graceMs: 100 });
  assertEquals(await client.closeFrame(), { code: 1001, reason: "server is shutting down" });
  await client.send(GOING_AWAY, { opcode: OPCODE.close });
  await stopped;
});

Deno.test("Listener.stop has what does not end in time answered with an error, and closes then", async () => {
  const server = await serve({
    drain: () => new Promise(() => {}),
    cancel: ({ connection }) => connection.send("an error"),
  });
  using client = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 1, "the session");
  const stopped = server.listener.stop({ graceMs: 10 });
  assertEquals(await client.text(), "an error");
  assertEquals(await client.closeFrame(), { code: 1001, reason: "server is shutting down" });
  await client.send(GOING_AWAY, { opcode: OPCODE.close });
  await stopped;
});

Deno.test("Listener.stop is not held up by a peer that never answers the close, nor by one that never reads", async () => {
  const server = await serve();
  using _silent = await RawClient.connect(server.listener.port);
  using _stuck = await RawClient.connect(server.listener.port);
  await until(() => server.sessions.length === 2, "the sessions");
  for (const { connection } of server.sessions) {
    if (connection === server.sessions[1]?.connection) connection.send("x".repeat(12 * 1024 * 1024));
  }
  await server.listener.stop({ graceMs: 100 });
  assertEquals(server.sessions.map(({ closedCalls }) => closedCalls), [1, 1]);
  assertEquals(server.listener.connections, 0);
});

Deno.test("Listener.stop is not held up by an HTTP request that is not answered, and the port is free meanwhile", async () => {
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  const server = await serve({
    http: () => {
      arrived.resolve();
      return answer.promise;
    },
  });
  const request = fetch(`http://127.0.0.1:${server.listener.port}/`).then((response) => response.text());
  await arrived.promise;
  await server.listener.stop({ graceMs: 0 });
  await assertRejects(() => RawClient.connect(server.listener.port), Deno.errors.ConnectionRefused);
  answer.resolve(new Response("late"));
  assertEquals(await request, "late");
});

Deno.test("Listener.stop twice is one stop", async () => {
  const server = await serve();
  await Promise.all([server.listener.stop({ graceMs: 0 }), server.listener.stop({ graceMs: 0 })]);
  await server.listener.stop({ graceMs: 0 });
});

Deno.test("Listener.stop frees the port", async () => {
  const first = await serve();
  const { port } = first.listener;
  await first.listener.stop({ graceMs: 0 });
  await using second = await serve({ port });
  assertEquals(second.listener.port, port);
});

Deno.test("listen rejects with the system's error when the port is taken", async () => {
  await using server = await serve();
  await assertRejects(() => serve({ port: server.listener.port }), Deno.errors.AddrInUse);
});

Deno.test("listen rejects when the address is not this machine's", async () => {
  const error = await assertRejects(() => serve({ addr: "192.0.2.1" }));
  assert(error instanceof Error);
});
