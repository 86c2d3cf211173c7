import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { routerOf, type Scripted } from "./scripted_router.ts";

const QUESTION = { method: "eth_call", params: "[]" };

Deno.test("Router asks the cheapest first, and one that has the block before one that lacks it", async () => {
  const { router } = routerOf([
    { name: "paid", priority: 1, answer: () => "paid" },
    { name: "lacking", has: false, answer: () => "lacking" },
    { name: "free", answer: () => "free" },
  ]);
  assertEquals(router.candidates({ ...QUESTION, block: "0x01" }).map(({ spec }) => spec.name), [
    "free",
    "paid",
    "lacking",
  ]);
  assertEquals((await router.ask(QUESTION)).decode(), "lacking");
});

Deno.test("Router goes on to the next upstream after a failure, a missing state and a null that must not be", async () => {
  const { router, calls } = routerOf([
    { name: "a", answer: () => new UpstreamFailure("timeout", "late") },
    { name: "b", answer: () => new RpcError(-32000, "missing trie node 00 (path ) state 0x00 is not available") },
    { name: "c", answer: () => null },
    { name: "d", answer: () => "found" },
  ]);
  assertEquals((await router.ask({ ...QUESTION, mustExist: true })).decode(), "found");
  assertEquals(calls, [["a", "failed"], ["b", "refused"], ["c", "missing"], ["d", "answered"]]);
});

Deno.test("Router hands on an error of the call itself at once", async () => {
  const { router, asked } = routerOf([
    { name: "a", answer: () => new RpcError(3, "execution reverted", { data: "0x01" }) },
    { name: "b", answer: () => "never" },
  ]);
  const error = await assertRejects(() => router.ask(QUESTION), RpcError, "execution reverted");
  assertEquals([error.code, error.data, asked.length], [3, "0x01", 1]);
});

Deno.test("Router leaves an upstream that is busy alone for as long as it asks for", async () => {
  let busy = true;
  const { router, clock, calls } = routerOf([
    { name: "a", answer: () => busy ? new UpstreamFailure("busy", "status 429", { retryAfterMs: 3_000 }) : "a" },
    { name: "b", priority: 1, answer: () => "b" },
  ]);
  assertEquals((await router.ask(QUESTION)).decode(), "b");
  busy = false;
  await clock.advance(2_999);
  assertEquals((await router.ask(QUESTION)).decode(), "b");
  await clock.advance(1);
  assertEquals((await router.ask(QUESTION)).decode(), "a");
  assertEquals(calls[0], ["a", "busy"]);
});

Deno.test("Router waits for an upstream, and answers -32002 with every reason when none comes", async () => {
  const down: Scripted = { name: "a", state: "down", answer: () => "back" };
  const waiting = routerOf([down], 1_000);
  const answer = waiting.router.ask(QUESTION);
  await waiting.clock.advance(500);
  down.state = "ready";
  await waiting.clock.advance(400);
  assertEquals((await answer).decode(), "back");

  const { router, clock } = routerOf([{
    name: "a",
    answer: () => new UpstreamFailure("closed", "the connection failed"),
  }], 1_000);
  const refused = assertRejects(
    () => router.ask(QUESTION),
    RpcError,
    "no upstream can answer (a: the connection failed)",
  );
  await clock.advance(1_100);
  assertEquals((await refused).code, -32002);
});

Deno.test("Router serves a method only by upstreams that may serve it", () => {
  const { router } = routerOf([
    { name: "a", allows: (method) => method !== "eth_call", answer: () => "a" },
    { name: "b", priority: 9, answer: () => "b" },
  ]);
  assertEquals(router.candidates(QUESTION).map(({ spec }) => spec.name), ["b"]);
});

Deno.test("Router asks by number where an upstream refuses hashes, and remembers it only when that was the reason", async () => {
  let refused = "hash";
  const { router, asked } = routerOf([{
    name: "a",
    answer: () => new RpcError(-32602, `invalid ${refused}`),
  }]);
  const question = { ...QUESTION, params: "[hash]", byNumber: () => "[number]" };
  await assertRejects(() => router.ask(question), RpcError, "invalid hash");
  refused = "argument";
  await assertRejects(() => router.ask(question), RpcError, "invalid argument");
  assertEquals(asked, ["a [hash]", "a [number]", "a [hash]", "a [number]"]);
});

Deno.test("Router takes an error that only says too often for a busy upstream, and asks again when its time is up", async () => {
  const refusals = [
    new RpcError(429, "Your app has exceeded its compute units per second capacity"),
    new RpcError(-32005, "limit exceeded"),
    new RpcError(-32005, "daily request count exceeded", { data: { rate: { backoff_seconds: 2 } } }),
  ];
  const { router, clock, calls } = routerOf([{ name: "a", answer: () => refusals.shift() ?? "answer" }], 10_000);
  const asked = router.ask(QUESTION);
  const waits = [1_000, 1_000, 2_000];
  for (const wait of waits) await clock.advance(wait + 50);
  assertEquals((await asked).decode(), "answer");
  assertEquals(calls, [["a", "busy"], ["a", "busy"], ["a", "busy"], ["a", "answered"]]);
});

Deno.test("Router hands on a limit on the range of a log query, which has the same code", async () => {
  const { router } = routerOf([
    { name: "a", answer: () => new RpcError(-32005, "query returned more than 10000 results") },
  ], 10_000);
  await assertRejects(() => router.ask(QUESTION), RpcError, "more than 10000 results");
});

Deno.test("Router asks what only a named upstream may serve of nobody else", async () => {
  const { router, asked } = routerOf([
    { name: "a", answer: () => "a" },
    { name: "b", named: new Set(["debug_setHead"]), answer: () => "b" },
  ]);
  assertEquals([router.isNamed("debug_setHead"), router.isNamed("debug_stacks")], [true, false]);
  await router.ask({ method: "debug_setHead", params: "[]", mustBeNamed: true });
  assertEquals(asked, ["b []"]);
});
