import { assert, assertEquals, assertMatch } from "@std/assert";
import { until } from "../support/until.ts";
import { UpstreamProxy } from "../support/upstream_proxy.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const DEV = "0x71562b71999873db5b286df957af199ec94617f7";
/** for (i = data[0]; i != 0; i--) sum += sload(i) + 1; returns the sum. */
const COUNTS = "5f355f5b811560185781540160010190600190039060035" + "65b5f5260205ff3";

function word(value: number): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** A node with contracts, far away and faulty, and a fork of it. */
class Stage implements AsyncDisposable {
  #lastContract = 0;

  private constructor(
    readonly node: ServerProcess,
    readonly proxy: UpstreamProxy,
    readonly fork: ServerProcess,
    readonly client: RpcSocket,
  ) {}

  static async open(flags: readonly string[] = []): Promise<Stage> {
    const node = await ServerProcess.start({ flags: ["--ws.api", "eth,net,web3,anvil,evm"] });
    {
      await using at = await RpcSocket.open(node.url);
      for (let contract = 1; contract <= 12; contract++) {
        await at.call("anvil_setCode", addressOf(contract), `0x${COUNTS}`);
        for (let slot = 1; slot <= 30; slot++) {
          await at.call("anvil_setStorageAt", addressOf(contract), word(slot), word(slot));
        }
      }
      await at.call("evm_mine");
    }
    const proxy = new UpstreamProxy({ target: node.url });
    const fork = await ServerProcess.start({
      flags: ["--fork.url", proxy.httpUrl, "--ws.api", "eth,net,web3,anvil,evm", ...flags],
    });
    return new Stage(node, proxy, fork, await RpcSocket.open(fork.url));
  }

  /** Calls a contract that was not called before. */
  async cold(slots = 30): Promise<unknown> {
    return await this.client.call("eth_call", { to: addressOf(++this.#lastContract), input: word(slots) }, "latest");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.fork.stop();
    await this.proxy[Symbol.asyncDispose]();
    await this.node.stop();
  }
}

function addressOf(contract: number): string {
  return `0xc0${contract.toString(16).padStart(38, "0")}`;
}

const EXPECTED = word(30 * 31 / 2 + 30);

Deno.test("A 429, a 500, a cut-off answer and a lost connection are not noticed by the one who asks", async () => {
  await using stage = await Stage.open();
  const { proxy } = stage;
  const faults = [
    { status: 429 },
    { status: 429, retryAfter: 0 },
    { status: 500 },
    { status: 503, retryAfter: 0 },
    "truncated",
  ] as const;
  for (const fault of faults) {
    let left = 3;
    proxy.fault = () => left-- > 0 ? fault : undefined;
    assertEquals([fault, await stage.cold()], [fault, EXPECTED]);
    assert(left <= 0, "it was asked again");
  }
});

Deno.test("A fork whose upstream stalls answers what it has at once, and says why it cannot answer the rest", async () => {
  await using stage = await Stage.open(["--rpc.evmtimeout", "1s", "--upstream.wait", "2s"]);
  const { proxy, client } = stage;
  assertEquals(await stage.cold(), EXPECTED);
  proxy.fault = () => "stalled";
  const lacking = stage.cold();
  assertEquals(await client.call("eth_call", { to: addressOf(1), input: word(30) }, "latest"), EXPECTED);
  assertEquals(await client.call("eth_blockNumber"), "0x1");
  assertEquals(await client.call("eth_getBalance", DEV, "latest") !== "0x0", true);
  await client.call("anvil_setBalance", DEV, "0x77");
  assertEquals(await client.call("eth_getBalance", DEV, "latest"), "0x77");
  const error = await lacking as { code: number; message: string };
  assertEquals(
    [error.code, error.message],
    [-32002, `account ${addressOf(2)} at block 1 did not come in time from the upstream`],
  );
  const balance = await client.call("eth_getBalance", `0x${"78".repeat(20)}`, "latest") as { message: string };
  assertMatch(balance.message, / at block 1 is not here: no upstream can answer \(127\.0\.0\.1:\d+: /);
  proxy.fault = undefined;
  await until(async () => await client.call("eth_call", { to: addressOf(2), input: word(30) }, "latest") === EXPECTED);
});

Deno.test("A transaction that misses something while the upstream stalls is mined when it is back", async () => {
  await using stage = await Stage.open(["--upstream.wait", "1s"]);
  const { proxy, client } = stage;
  proxy.fault = () => "stalled";
  const request = { from: DEV, to: addressOf(3), input: word(5), gas: "0x100000" };
  const failed = await client.call("eth_sendTransaction", request) as { message: string };
  assertMatch(failed.message, / at block 1 is not here: no upstream can answer/);
  proxy.fault = undefined;
  await until(async () => {
    await client.call("evm_mine");
    return (await client.call("eth_getTransactionCount", DEV, "latest")) === "0x1";
  });
});
