import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import { broadcast } from "../../src/upstream/broadcast.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { routerOf, type Scripted } from "./scripted_router.ts";

const HASH = `0x${"ab".repeat(32)}` as const;
const SEND = { question: { method: "eth_sendRawTransaction", params: '["0x02"]' }, hash: HASH };

Deno.test("broadcast sends to every upstream, and the first acceptance answers", async () => {
  const { router, asked, calls } = routerOf([
    { name: "a", answer: () => new RpcError(-32000, "replacement transaction underpriced") },
    { name: "b", answer: () => new UpstreamFailure("closed", "gone") },
    { name: "c", priority: 9, answer: () => "0xanother hash" },
  ]);
  assertEquals(await broadcast(router, SEND), HASH, "the hash is computed here");
  assertEquals(asked, ['a ["0x02"]', 'b ["0x02"]', 'c ["0x02"]']);
  assertEquals(calls, [["a", "refused"], ["b", "failed"], ["c", "answered"]]);
});

Deno.test("broadcast takes already known for success, in the words of every client", async () => {
  for (
    const said of ["already known", "known transaction: ab", "ALREADY_EXISTS: already known", "tx already in mempool"]
  ) {
    const { router } = routerOf([{ name: "a", answer: () => new RpcError(-32000, said) }]);
    assertEquals(await broadcast(router, SEND), HASH);
  }
});

Deno.test("broadcast answers the refusal of the first upstream, or why none took it", async () => {
  const refusing = routerOf([
    { name: "a", answer: () => new UpstreamFailure("timeout", "late") },
    { name: "b", answer: () => new RpcError(-32000, "insufficient funds for gas * price + value") },
    { name: "c", answer: () => new RpcError(-32000, "intrinsic gas too low") },
  ]);
  await assertRejects(() => broadcast(refusing.router, SEND), RpcError, "insufficient funds");
  const gone = routerOf([{ name: "a", answer: () => new UpstreamFailure("closed", "the connection failed") }]);
  const error = await assertRejects(() => broadcast(gone.router, SEND), RpcError);
  assertEquals([error.code, error.message], [-32002, "no upstream took the transaction (a: the connection failed)"]);
});

Deno.test("broadcast waits for an upstream where none is connected", async () => {
  const down: Scripted = { name: "a", state: "down", answer: () => "0x" };
  const { router, clock } = routerOf([down], 1_000);
  const sent = broadcast(router, SEND);
  await clock.advance(500);
  down.state = "ready";
  await clock.advance(100);
  assertEquals(await sent, HASH);
});
