import { assert, assertEquals } from "@std/assert";
import { type Fault, UpstreamProxy } from "../support/upstream_proxy.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const API = ["--ws.api", "eth,net,web3,evm,anvil"];
const ALICE = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const HOLDERS = Array.from({ length: 40 }, (_, index) => `0x${(0xb000 + index).toString(16).padStart(40, "0")}`);

type Fields = Readonly<Record<string, unknown>>;

/** A Sallyport with accounts that have a balance each, behind a proxy. */
async function withUpstream(use: (proxy: UpstreamProxy, upstream: ServerProcess) => Promise<void>): Promise<void> {
  await using upstream = await ServerProcess.start({ flags: API });
  await using client = await RpcSocket.open(upstream.url);
  for (const [index, holder] of HOLDERS.entries()) await client.call("anvil_setBalance", holder, `0x${index + 1}`);
  await client.call("evm_mine");
  await using proxy = new UpstreamProxy({ target: upstream.url, delayMs: 5 });
  await use(proxy, upstream);
}

function startFork(url: string, flags: readonly string[] = []): Promise<ServerProcess> {
  return ServerProcess.start({ flags: [...API, "--fork.url", url, ...flags] });
}

/** Reads the balances of some accounts at once. */
async function balances(client: RpcSocket, from: number, to: number): Promise<unknown[]> {
  const holders = HOLDERS.slice(from, to);
  return await Promise.all(holders.map((holder) => client.call("eth_getBalance", holder, "latest")));
}

function expected(from: number, to: number): string[] {
  return HOLDERS.slice(from, to).map((_, index) => `0x${from + index + 1}`);
}

/** Refuses what comes above `rate` calls a second, as providers do; a quiet second may be made up for. */
function rateLimit(rate: number, refusal: Fault): (methods: readonly string[]) => Fault | undefined {
  let tokens = rate;
  let counted = performance.now();
  return (methods) => {
    const now = performance.now();
    tokens = Math.min(rate, tokens + (now - counted) * rate / 1_000);
    counted = now;
    if (tokens < methods.length && tokens < rate - 1) return refusal;
    tokens -= methods.length;
    return undefined;
  };
}

/** Fails two of three requests. */
function mostly(failure: Fault): () => Fault | undefined {
  let request = 0;
  return () => request++ % 3 === 2 ? undefined : failure;
}

const FAULTS: readonly (readonly [string, () => UpstreamProxy["fault"]])[] = [
  ["429 with a time to wait", () => rateLimit(60, { status: 429, retryAfter: 1 })],
  ["429 without one", () => rateLimit(60, { status: 429 })],
  ["503", () => mostly({ status: 503 })],
  ["an answer that ends in its middle", () => mostly("truncated")],
];

Deno.test("a fork starts and reads over a node that limits its rate or fails most requests, and no caller notices", async () => {
  await withUpstream(async (proxy) => {
    for (const [name, fault] of FAULTS) {
      const fails = fault();
      let failures = 0;
      proxy.fault = (methods) => {
        const failure = fails?.(methods);
        if (failure !== undefined) failures++;
        return failure;
      };
      await using server = await startFork(proxy.httpUrl, ["--upstream.wait", "20s"]);
      await using client = await RpcSocket.open(server.url);
      for (let from = 0; from < 24; from += 4) {
        assertEquals(await balances(client, from, from + 4), expected(from, from + 4), name);
      }
      assertEquals(await client.call("eth_getBalance", HOLDERS[3], "0x0"), "0x4", name);
      assert(failures > 0, name);
    }
  });
});

Deno.test("a fork asks the next node where one fails, stalls or is gone", async () => {
  await withUpstream(async (proxy, upstream) => {
    await using second = new UpstreamProxy({ target: upstream.url });
    for (const [url, other] of [[proxy.httpUrl, second.wsUrl], [proxy.wsUrl, second.httpUrl]] as const) {
      await using server = await startFork(`${url},${other}`, ["--fork.timeout", "300ms"]);
      await using client = await RpcSocket.open(server.url);
      for (const fault of ["stalled", { status: 500 }] satisfies Fault[]) {
        proxy.fault = () => fault;
        const [from, to] = fault === "stalled" ? [0, 5] : [5, 10];
        assertEquals(await balances(client, from, to), expected(from, to), `${url} ${JSON.stringify(fault)}`);
      }
      proxy.fault = undefined;
      proxy.drop();
      assertEquals(await balances(client, 10, 20), expected(10, 20), url);
    }
  });
});

Deno.test("local reads do not wait for a node that stalls; what only it knows is refused with the reason, and comes when it is back", async () => {
  await withUpstream(async (proxy) => {
    for (const url of [proxy.httpUrl, proxy.wsUrl]) {
      proxy.fault = undefined;
      await using server = await startFork(url, ["--upstream.wait", "600ms", "--fork.timeout", "200ms"]);
      await using client = await RpcSocket.open(server.url);
      assertEquals(await balances(client, 0, 2), expected(0, 2));
      const sent = await client.call("eth_sendTransaction", { from: ALICE, to: HOLDERS[0], value: "0x1" });
      assert(typeof sent === "string", JSON.stringify(sent));
      proxy.fault = () => "stalled";
      const remote = client.call("eth_getBalance", HOLDERS[30], "latest");
      const order: string[] = [];
      const told = remote.then(() => order.push("remote"));
      for (const method of ["eth_blockNumber", "eth_gasPrice", "eth_chainId"]) await client.call(method);
      assertEquals(await client.call("eth_getBalance", HOLDERS[0], "latest"), "0x2");
      assertEquals(await client.call("eth_getBalance", HOLDERS[1], "latest"), "0x2");
      order.push("local");
      await told;
      assertEquals(order, ["local", "remote"]);
      const refusal = await remote as Fields;
      assertEquals(refusal["code"], -32002);
      assert(
        /no upstream can answer \(127\.0\.0\.1:\d+: no answer to .* in 200 ms\)/.test(String(refusal["message"])),
        String(refusal["message"]),
      );
      proxy.fault = undefined;
      assertEquals(await client.call("eth_getBalance", HOLDERS[30], "latest"), expected(30, 31)[0]);
    }
  });
});

Deno.test("a fork of nodes of which none answers does not start, and says why", async () => {
  await withUpstream(async (proxy) => {
    proxy.fault = () => ({ status: 403 });
    const flags = ["--upstream.wait", "300ms", "--fork.header", "authorization: Bearer hidden"];
    const error = await startFork(`${proxy.httpUrl}/v2/hidden`, flags).then(() => "it started", String);
    assert(error.includes(`--fork.url: no upstream can answer (${proxy.host}: status 403)`), error);
    assert(!error.includes("hidden"), error);
    proxy.fault = undefined;
    const lacking = await startFork(proxy.httpUrl, ["--fork.block", "1000"]).then(() => "it started", String);
    assert(lacking.includes("--fork.url: the upstream does not have block 1000"), lacking);
  });
});

Deno.test("a fork is told in a few round trips, and in as few requests where nodes are asked over HTTP", async () => {
  await withUpstream(async (proxy) => {
    await using server = await startFork(proxy.httpUrl);
    assert(server.printed.includes("Forked"), server.printed);
    // The chain's id and what the node keeps, the block with what belongs to it, and the accounts.
    assert(proxy.requests <= 10, `${proxy.requests} requests: ${proxy.calls}`);
  });
});
