import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { Session } from "../../src/upstream/session.ts";

/** A session whose other side answers when a test says so. */
function sessionOf() {
  const sent: { id: number; method: string }[] = [];
  const session = new Session((text) => sent.push(JSON.parse(text)), () => {});
  const answer = (id: number, members: object) => session.receive(JSON.stringify({ jsonrpc: "2.0", id, ...members }));
  return { session, sent, answer };
}

const LONG = { timeoutMs: 60_000 };

Deno.test("Session takes answers in any order, alone and in a batch", async () => {
  const { session, sent, answer } = sessionOf();
  const calls = ["a", "b", "c"].map((method) => session.call(method, "[]", LONG));
  assertEquals(sent.map(({ method }) => method), ["a", "b", "c"]);
  answer(2, { result: "two" });
  session.receive(
    '[{"jsonrpc":"2.0","id":3,"error":{"code":-32000,"message":"no"}},{"jsonrpc":"2.0","id":1,"result":1}]',
  );
  assertEquals((await calls[0])?.decode(), 1);
  assertEquals((await calls[1])?.decode(), "two");
  await assertRejects(() => calls[2] ?? Promise.resolve(), RpcError, "no");
  session.close();
});

Deno.test("Session gives up each call when its own time is up, and drops an answer that comes later", async () => {
  const { session, answer } = sessionOf();
  const patient = session.call("patient", "[]", LONG);
  const hasty = session.call("hasty", "[]", { timeoutMs: 20 });
  const hastier = session.call("hastier", "[]", { timeoutMs: 5 });
  await assertRejects(() => hastier, UpstreamFailure, "no answer to hastier in 5 ms");
  await assertRejects(() => hasty, UpstreamFailure, "no answer to hasty in 20 ms");
  answer(2, { result: "late" });
  answer(1, { result: "in time" });
  assertEquals((await patient).decode(), "in time");
  session.close();
});

Deno.test("Session ends a call with its caller, and every call with the connection", async () => {
  const { session, sent } = sessionOf();
  const caller = new AbortController();
  const left = session.call("left", "[]", { ...LONG, signal: caller.signal });
  const lost = session.call("lost", "[]", LONG);
  caller.abort();
  await assertRejects(() => left, UpstreamFailure, "the caller is gone");
  await assertRejects(() => session.call("never", "[]", { ...LONG, signal: caller.signal }), UpstreamFailure, "gone");
  session.fail(new UpstreamFailure("closed", "the cable was cut"));
  await assertRejects(() => lost, UpstreamFailure, "the cable was cut");
  await assertRejects(() => session.call("after", "[]", LONG), UpstreamFailure, "the cable was cut");
  assertEquals((await session.closed).message, "the cable was cut");
  assertEquals(sent.length, 2, "what cannot be answered is not sent");
});

Deno.test("Session hands over a notification that comes with the answer to its subscription, and none after its end", async () => {
  const { session, sent } = sessionOf();
  const told: unknown[] = [];
  const notify = (result: unknown) =>
    session.receive(
      JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params: { subscription: "0x1", result } }),
    );
  const request = {
    namespace: "eth",
    params: '["newHeads"]',
    onNotification: (json: { decode(): unknown }) => told.push(json.decode()),
  };
  const subscribed = session.subscribe(request, LONG);
  session.receive('{"jsonrpc":"2.0","id":1,"result":"0x1"}');
  notify("first");
  const stop = await subscribed;
  notify("second");
  stop();
  notify("third");
  assertEquals(told, ["first", "second"]);
  assertEquals(sent.map(({ method }) => method), ["eth_subscribe", "eth_unsubscribe"]);
  session.close();
});
