import { assertEquals, assertMatch } from "@std/assert";
import { UpstreamProxy } from "../support/upstream_proxy.ts";
import { until } from "../support/until.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const DEV = "0x71562b71999873db5b286df957af199ec94617f7";
const CONTRACT = `0x${"c0".repeat(20)}`;
const OTHER = `0x${"c1".repeat(20)}`;
/** for (i = data[0]; i != 0; i--) sum += sload(i) + 1; returns the sum. */
const COUNTS = "5f355f5b811560185781540160010190600190039060035" + "65b5f5260205ff3";

function word(value: number): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

const EXPECTED = word(10 * 11 / 2 + 10);

Deno.test("What an upstream told is kept in --datadir: a second fork asks for none of it, a third starts without any upstream", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sallyport_fork_" });
  const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`];
  try {
    await using node = await ServerProcess.start({ flags: ["--ws.api", "eth,anvil,evm"] });
    {
      await using at = await RpcSocket.open(node.url);
      for (const contract of [CONTRACT, OTHER]) await at.call("anvil_setCode", contract, `0x${COUNTS}`);
      for (let slot = 1; slot <= 10; slot++) await at.call("anvil_setStorageAt", CONTRACT, word(slot), word(slot));
      await at.call("evm_mine");
    }
    const proxy = new UpstreamProxy({ target: node.url });
    const start = (): Promise<ServerProcess> =>
      ServerProcess.start({
        permissions,
        flags: [
          ...["--fork.url", proxy.httpUrl, "--fork.block", "1", "--datadir", folder, "--upstream.wait", "1s"],
          ...["--ws.api", "eth,anvil,evm"],
        ],
      });
    const call = { to: CONTRACT, input: word(10) };
    {
      await using first = await start();
      await using client = await RpcSocket.open(first.url);
      assertEquals(await client.call("eth_call", call, "latest"), EXPECTED);
      await client.call("eth_sendTransaction", { from: DEV, ...call, gas: "0x100000" });
      assertEquals(await client.call("eth_blockNumber"), "0x2");
      await client.call("anvil_setStorageAt", CONTRACT, word(3), word(1_000));
    }
    {
      proxy.reset();
      await using second = await start();
      await using client = await RpcSocket.open(second.url);
      proxy.reset();
      assertEquals(await client.call("eth_call", call, "latest"), EXPECTED, "and nothing that was changed here");
      assertEquals(proxy.calls, []);
    }
    await proxy[Symbol.asyncDispose]();
    {
      await using third = await start();
      await using client = await RpcSocket.open(third.url);
      assertMatch(third.printed, /No upstream answers: the fork begins with what --datadir holds of it +block=1/);
      assertEquals(await client.call("eth_call", call, "latest"), EXPECTED);
      await client.call("anvil_setBalance", DEV, "0xde0b6b3a7640000");
      const hash = await client.call("eth_sendTransaction", { from: DEV, ...call, gas: "0x100000" });
      await until(async () => await client.call("eth_getTransactionReceipt", hash) !== null);
      const lacking = await client.call("eth_call", { to: OTHER, input: word(1) }, "latest") as { message: string };
      assertMatch(lacking.message, new RegExp(`^account ${OTHER} at block 1 is not here: no upstream can answer`));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
