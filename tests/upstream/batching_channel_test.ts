import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import { readAddress } from "../../src/upstream/address.ts";
import { BatchingChannel } from "../../src/upstream/batching_channel.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import { HttpChannel } from "../../src/upstream/http_channel.ts";

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

type Answer = (body: Call | readonly Call[]) => Response;

/** A server that answers as told; `bodies` are the methods of each request. */
async function withServer(answer: Answer, use: (channel: BatchingChannel, bodies: string[][]) => Promise<void>) {
  const bodies: string[][] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const body = await request.json() as Call | readonly Call[];
    bodies.push([body].flat().map(({ method }) => method));
    return answer(body);
  });
  const channel = new BatchingChannel(new HttpChannel(readAddress(`http://127.0.0.1:${server.addr.port}`)));
  try {
    await use(channel, bodies);
  } finally {
    channel.close();
    await server.shutdown();
  }
}

const LIMITS = { timeoutMs: 5_000 };

function echo(call: Call): unknown {
  return { jsonrpc: "2.0", id: call.id, result: call.params[0] };
}

const echoAll: Answer = (body) => Response.json(Array.isArray(body) ? body.map(echo).reverse() : echo(body as Call));

function ask(channel: BatchingChannel, count: number): Promise<unknown[]> {
  const calls = Array.from({ length: count }, (_, index) => channel.call("eth_getBalance", `[${index}]`, LIMITS));
  return Promise.all(calls.map(async (call) => (await call).decode()));
}

Deno.test("BatchingChannel puts the calls of one step into batches of at most 100, whose answers may come in any order", async () => {
  await withServer(echoAll, async (channel, bodies) => {
    assertEquals(await ask(channel, 250), Array.from({ length: 250 }, (_, index) => index));
    assertEquals(bodies.map(({ length }) => length).sort(), [100, 100, 50]);
  });
});

Deno.test("BatchingChannel sends one call, and one that may take long, by itself", async () => {
  await withServer(echoAll, async (channel, bodies) => {
    assertEquals(await ask(channel, 1), [0]);
    await Promise.all([channel.call("eth_getLogs", "[1]", LIMITS), channel.call("eth_getLogs", "[2]", LIMITS)]);
    assertEquals(bodies, [["eth_getBalance"], ["eth_getLogs"], ["eth_getLogs"]]);
  });
});

Deno.test("BatchingChannel gives each call its own error, and fails what an answer lacks", async () => {
  const answer: Answer = () =>
    Response.json([{ jsonrpc: "2.0", id: 1, error: { code: -32000, message: "no" } }, {
      jsonrpc: "2.0",
      id: 0,
      result: 7,
    }]);
  await withServer(answer, async (channel) => {
    const [first, second, third] = [0, 1, 2].map((index) => channel.call("eth_getCode", `[${index}]`, LIMITS));
    const refused = assertRejects(async () => await second, RpcError, "no");
    const lacking = assertRejects(async () => await third, UpstreamFailure, "lacks this call");
    assertEquals((await first)?.decode(), 7);
    await Promise.all([refused, lacking]);
  });
});

Deno.test("BatchingChannel sends calls one by one to an upstream that refuses batches, from then on", async () => {
  for (
    const refusal of [
      () => Response.json({ jsonrpc: "2.0", id: null, error: { code: -32600, message: "batches are not supported" } }),
      () => new Response("no", { status: 413 }),
    ]
  ) {
    const answer: Answer = (body) => Array.isArray(body) ? refusal() : Response.json(echo(body as Call));
    await withServer(answer, async (channel, bodies) => {
      assertEquals(await ask(channel, 3), [0, 1, 2]);
      assertEquals(await ask(channel, 2), [0, 1]);
      assertEquals(bodies.map(({ length }) => length), [3, 1, 1, 1, 1, 1]);
    });
  }
});

Deno.test("BatchingChannel hands on that the upstream is busy, and goes on with batches", async () => {
  let isBusy = true;
  const answer: Answer = (body) => {
    if (!isBusy) return echoAll(body);
    isBusy = false;
    return new Response("slow down", { status: 429, headers: { "retry-after": "3" } });
  };
  await withServer(answer, async (channel, bodies) => {
    const failure = await assertRejects(() => ask(channel, 3), UpstreamFailure, "status 429");
    assertEquals([failure.kind, failure.retryAfterMs], ["busy", 3_000]);
    assertEquals(await ask(channel, 3), [0, 1, 2]);
    assertEquals(bodies.map(({ length }) => length), [3, 3]);
  });
});
