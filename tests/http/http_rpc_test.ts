import { assertEquals } from "@std/assert";
import { call, createFixture, read } from "./fixture.ts";

const ECHO = call("demo_echo", ["hi"]);
const ECHOED = '{"jsonrpc":"2.0","id":1,"result":"hi"}\n';

Deno.test("A POST is answered with JSON", async () => {
  const { send } = createFixture();
  const response = await send(ECHO);
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(await read(response), [200, ECHOED]);
});

Deno.test("A batch is answered in one body, and what asks for no answer with an empty one", async () => {
  const { send } = createFixture();
  assertEquals(await read(send(`[${ECHO},${ECHO}]`)), [200, `[${ECHOED.trim()},${ECHOED.trim()}]\n`]);
  assertEquals(await read(send('{"jsonrpc":"2.0","method":"demo_echo","params":["x"]}')), [200, ""]);
  assertEquals(await read(send("")), [200, ""]);
});

Deno.test("A body that is no JSON is answered by JSON-RPC's rules, with status 200 as in geth", async () => {
  const { send } = createFixture();
  const [status, body] = await read(send("{"));
  assertEquals([status, JSON.parse(body).error.code], [200, -32700]);
});

Deno.test("eth_subscribe and calls to the client are refused where nothing can follow the answer", async () => {
  const { send } = createFixture();
  const refusal = '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"notifications not supported"}}\n';
  assertEquals(await read(send(call("eth_subscribe", ["newHeads"]))), [200, refusal]);
  assertEquals(await read(send(call("demo_ask"))), [200, refusal]);
});

Deno.test("Only geth's three content types are taken", async () => {
  const { send } = createFixture();
  for (const type of ["application/json; charset=utf-8", "Application/JSON-RPC", "application/jsonrequest"]) {
    assertEquals(await read(send(ECHO, { headers: { "content-type": type } })), [200, ECHOED], type);
  }
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]) {
    const answer = await read(send(ECHO, { headers: { "content-type": type } }));
    assertEquals(answer, [415, "invalid content type, only application/json is supported\n"], type);
  }
});

Deno.test("A body over the limit is refused by its announced length, or where it crosses the line", async () => {
  const { send } = createFixture({ maxBodyBytes: 100 });
  const answer = await read(send(ECHO, { headers: { "content-length": "101" } }));
  assertEquals(answer, [413, "content length too large (101>100)\n"]);
  const chunks = ReadableStream.from([new Uint8Array(60), new Uint8Array(60), new Uint8Array(60)]);
  assertEquals(await read(send(chunks)), [413, "content length too large (120>100)\n"]);
  const whole = ECHO.padEnd(100);
  assertEquals(await read(send(ReadableStream.from([new TextEncoder().encode(whole)]))), [200, ECHOED]);
});

Deno.test("Methods other than POST get geth's answers", async () => {
  const { send } = createFixture();
  assertEquals(await read(send(null, { method: "GET" })), [200, ""]);
  assertEquals(await read(send(null, { method: "OPTIONS" })), [200, ""]);
  for (const method of ["PUT", "DELETE"]) {
    const response = await send(ECHO, { method });
    assertEquals(response.headers.get("allow"), "GET, OPTIONS, POST");
    assertEquals(await read(response), [405, "method not allowed\n"]);
  }
});

Deno.test("A host that no rule names is refused before anything else is looked at", async () => {
  const { send } = createFixture();
  const evil = await read(send(ECHO, { headers: { host: "evil.example" } }));
  assertEquals(evil, [403, "invalid host specified\n"]);
  assertEquals(await read(send(ECHO, { headers: { host: "127.0.0.1:8545" } })), [200, ECHOED]);
});

Deno.test("Only the prefix's path is served, up to a boundary", async () => {
  const { rpc } = createFixture({ prefix: "/rpc" });
  const status = async (path: string) => {
    const request = new Request(`http://localhost${path}`);
    return (await rpc.fetch(request, { remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 } })).status;
  };
  assertEquals([await status("/rpc"), await status("/rpc/x"), await status("/rpcx"), await status("/")], [
    200,
    200,
    404,
    404,
  ]);
});

Deno.test("A page of a named origin may read answers and refusals, others may not", async () => {
  const { send } = createFixture({ corsDomains: ["http://app.example"] });
  const origin = "http://app.example";
  const answers = [
    await send(ECHO, { headers: { origin } }),
    await send(ECHO, { headers: { origin, "content-type": "text/plain" } }),
  ];
  for (const answer of answers) assertEquals(answer.headers.get("access-control-allow-origin"), origin);
  const other = await send(ECHO, { headers: { origin: "http://evil.example" } });
  assertEquals(other.headers.get("access-control-allow-origin"), null);
  for (const response of [...answers, other]) await response.body?.cancel();
});

Deno.test("What is not answered in time is answered with -32002, and its handler is told", async () => {
  const { send, waiting } = createFixture({ timeLimitMs: 20 });
  const timedOut = '{"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"request timed out"}}';
  assertEquals(await read(send(call("demo_wait"))), [200, `${timedOut}\n`]);
  assertEquals(waiting[0]?.signal.aborted, true);
  const batch = `[${ECHO},${call("demo_wait")},${ECHO}]`;
  assertEquals(await read(send(batch)), [200, `[${ECHOED.trim()},${timedOut},${timedOut}]\n`]);
});

Deno.test("A client that leaves takes its call with it", async () => {
  const { send, waiting, untilWaiting } = createFixture();
  const leaving = new AbortController();
  const answer = send(call("demo_wait"), { signal: leaving.signal });
  await untilWaiting(1);
  leaving.abort();
  assertEquals(waiting[0]?.signal.aborted, true);
  await (await answer).body?.cancel();
});

Deno.test("One request too many is answered 503", async () => {
  const { send, waiting, untilWaiting, rpc } = createFixture({ maxRequests: 1 });
  const first = send(call("demo_wait"));
  await untilWaiting(1);
  assertEquals(rpc.running, 1);
  const refused = await send(ECHO);
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  await refused.body?.cancel();
  waiting[0]?.finish("done");
  assertEquals((await read(first))[0], 200);
  assertEquals(await read(send(ECHO)), [200, ECHOED]);
});

Deno.test("Stopping waits for what runs and refuses what comes", async () => {
  const { send, waiting, untilWaiting, rpc } = createFixture();
  const running = send(call("demo_wait"));
  await untilWaiting(1);
  const stopped = rpc.stop({ graceMs: 60_000 });
  assertEquals(await read(send(ECHO)), [503, "the server is shutting down\n"]);
  waiting[0]?.finish("done");
  await stopped;
  assertEquals(await read(running), [200, '{"jsonrpc":"2.0","id":1,"result":"done"}\n']);
});

Deno.test("Stopping answers with an error what does not end in time", async () => {
  const { send, waiting, untilWaiting, rpc } = createFixture();
  const running = send(call("demo_wait"));
  await untilWaiting(1);
  await rpc.stop({ graceMs: 1 });
  assertEquals(await read(running), [
    200,
    '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"server is shutting down"}}\n',
  ]);
  waiting[0]?.finish("late");
});

Deno.test("A large answer counts until it has been read", async () => {
  const { send, rpc } = createFixture({ maxBodyBytes: 2 ** 20 });
  const response = await send(call("demo_echo", ["x".repeat(400_000)]));
  assertEquals(rpc.running, 1);
  assertEquals((await response.text()).length, Number(response.headers.get("content-length")));
  await rpc.stop({ graceMs: 60_000 });
  assertEquals(rpc.running, 0);
});
