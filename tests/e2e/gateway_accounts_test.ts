import { assert, assertEquals } from "@std/assert";
import { startGeth } from "../bench/targets.ts";
import { findTool, toolTest } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const NOBODY = `0x${"77".repeat(20)}`;
const PASSWORD = "correct horse battery staple";

interface Filled {
  readonly raw: string;
  readonly tx: Readonly<Record<string, unknown>>;
}

toolTest("geth", {
  name: "A gateway before geth fills in transactions as geth does, with blobs as well",
  async fn() {
    await using geth = await startGeth();
    assert(geth !== null && findTool("geth") !== undefined);
    await using gateway = await ServerProcess.start({ flags: ["--upstream", geth.url] });
    await using client = await RpcSocket.open(gateway.url);
    await using direct = await RpcSocket.open(geth.url);
    const [from] = await direct.call("eth_accounts") as string[];
    const requests: readonly Record<string, unknown>[] = [
      { from, to: NOBODY, value: "0x1" },
      { from, to: NOBODY, gasPrice: "0x77359400" },
      { from, to: NOBODY, maxFeePerGas: "0x77359400", gas: "0x5208", nonce: "0x7" },
      { from, to: NOBODY, accessList: [{ address: NOBODY, storageKeys: [] }], maxPriorityFeePerGas: "0x1" },
      { from, input: "0x6001600055" },
      { from, to: NOBODY, blobs: [`0x${"00".repeat(131_072)}`] },
      // What geth refuses, in geth's words.
      { from },
      { from, to: NOBODY, chainId: "0x7" },
      { from, to: NOBODY, gasPrice: "0x1", maxFeePerGas: "0x1" },
      { from, to: NOBODY, gasPrice: "0x0" },
      { from, to: NOBODY, maxFeePerGas: "0x1", maxPriorityFeePerGas: "0x2" },
      { from, blobs: [`0x${"00".repeat(131_072)}`] },
      { from, to: NOBODY, blobVersionedHashes: [] },
    ];
    for (const request of requests) {
      const shown = JSON.stringify(request).slice(0, 200);
      const [through, own] = [
        await client.call("eth_fillTransaction", request) as Filled,
        await direct.call("eth_fillTransaction", request) as Filled,
      ];
      // The text of a proof is long: only whether it is the same is of interest.
      assertEquals([shown, through.tx], [shown, own.tx]);
      assert(through.raw === own.raw, `${shown} is encoded as geth does it`);
      if (own.raw === undefined) assertEquals([shown, through], [shown, own]);
    }
  },
});

toolTest("geth", {
  name: "A gateway with --keystore signs here and sends to geth, and an account that is locked is refused",
  async fn() {
    await using geth = await startGeth();
    assert(geth !== null);
    const folder = await Deno.makeTempDir({ prefix: "sallyport_keystore_" });
    try {
      await using gateway = await ServerProcess.start({
        flags: [
          ...["--upstream", geth.url, "--keystore", folder, "--lightkdf", "--allow-insecure-unlock"],
          ...["--ws.api", "eth,net,personal"],
        ],
        permissions: [`--allow-read=${folder}`, `--allow-write=${folder}`],
      });
      await using client = await RpcSocket.open(gateway.url);
      await using direct = await RpcSocket.open(geth.url);
      const account = String(await client.call("personal_newAccount", PASSWORD)).toLowerCase();
      assertEquals(await client.call("eth_accounts"), [account]);
      const [rich] = await direct.call("eth_accounts") as string[];
      await direct.call("eth_sendTransaction", { from: rich, to: account, value: "0xde0b6b3a7640000" });
      await until(async () => await client.call("eth_getBalance", account, "latest") !== "0x0");

      const request = { from: account, to: NOBODY, value: "0x1" };
      assertEquals(await client.call("eth_sendTransaction", request), {
        code: -32000,
        message: "authentication needed: password or unlock",
      });
      assertEquals(await client.call("eth_sendTransaction", { ...request, from: rich }), {
        code: -32000,
        message: "unknown account",
      }, "an account of the node is none of this gateway's");
      assertEquals(await client.call("personal_unlockAccount", account, PASSWORD, 60), true);
      const hash = await client.call("eth_sendTransaction", request);
      await until(async () => await client.call("eth_getTransactionReceipt", hash) !== null);
      assertEquals(await direct.call("eth_getBalance", NOBODY, "latest"), "0x1");
      assertEquals(await client.call("eth_getTransactionCount", account, "pending"), "0x1");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
