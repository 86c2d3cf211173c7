import { assert, assertEquals, assertRejects } from "@std/assert";
import { createWalletClient, type Hex, publicActions, webSocket } from "../clients/viem.ts";
import { mnemonicToAccount } from "../clients/viem_accounts.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { ServerProcess } from "./server_process.ts";
import { closeSocket } from "./viem_socket.ts";

const alice = mnemonicToAccount("test test test test test test test test test test test junk");
const SOMEONE = `0x${"a1".repeat(20)}` as const;
const ETHER = 10n ** 18n;

/** viem with Alice's key, on a socket of its own. */
async function connect(url: string) {
  const transport = webSocket(url, { reconnect: false, keepAlive: false, retryCount: 0 });
  const client = createWalletClient({ transport, pollingInterval: 50, account: alice }).extend(publicActions);
  const rpc = await client.transport.getRpcClient();
  return {
    client,
    request: (method: string, ...params: unknown[]): Promise<unknown> =>
      client.request({ method: method as never, params: params as never }),
    [Symbol.asyncDispose]: () => closeSocket(rpc),
  };
}

Deno.test("viem simulates calls and blocks, and sees what they would change", async () => {
  await using server = await ServerProcess.start();
  await using connection = await connect(server.url);
  const { client } = connection;
  const hash = await client.deployContract({ abi: TOKEN_ABI, bytecode: TOKEN_BYTECODE, args: [1000n], chain: null });
  const { contractAddress } = await client.waitForTransactionReceipt({ hash });
  assert(contractAddress);
  const token = { address: contractAddress, abi: TOKEN_ABI } as const;

  const { assetChanges, results } = await client.simulateCalls({
    account: alice.address,
    traceAssetChanges: true,
    calls: [
      { to: SOMEONE, value: ETHER },
      { to: contractAddress, abi: TOKEN_ABI, functionName: "transfer", args: [SOMEONE, 400n] },
      { to: contractAddress, abi: TOKEN_ABI, functionName: "balanceOf", args: [SOMEONE] },
    ],
  });
  assertEquals(results.map(({ status }) => status), ["success", "success", "success"]);
  assertEquals(results[2]?.result, 400n);
  assertEquals(assetChanges.map(({ value }) => value.diff), [-ETHER, -400n]);

  const blocks = await client.simulateBlocks({
    blocks: [
      {
        calls: [{ account: alice.address, to: SOMEONE, value: 1n }],
        stateOverrides: [{ address: SOMEONE, balance: 5n }],
      },
      {
        blockOverrides: { number: 3n, feeRecipient: SOMEONE },
        calls: [{
          account: alice.address,
          ...token,
          to: token.address,
          functionName: "transfer",
          args: [SOMEONE, 5000n],
        }],
      },
    ],
  });
  // viem itself cannot read blocks that fill a gap, so there is none.
  assertEquals(blocks.map(({ number }) => number), [2n, 3n]);
  assertEquals(blocks[1]?.calls[0]?.status, "failure");
  assertEquals(await client.getBlockNumber(), 1n);
  assertEquals(await client.getBalance({ address: SOMEONE }), 0n);
});

Deno.test("Tracing and block building are served only when they are named", async () => {
  await using plain = await ServerProcess.start();
  await using named = await ServerProcess.start({ flags: ["--ws.api", "eth,debug,testing"] });
  await using unnamed = await connect(plain.url);
  await using served = await connect(named.url);
  const trace = ["debug_traceCall", { to: SOMEONE }, "latest", { tracer: "callTracer" }] as const;
  for (const [method, ...params] of [trace, ["testing_buildBlockV1"] as const]) {
    const error = await assertRejects(() => unnamed.request(method, ...params), Error);
    assert(error.message.includes(`the method ${method} does not exist/is not available`), error.message);
  }
  const frame = await served.request(...trace) as { to: Hex; type: string };
  assertEquals([frame.to, frame.type], [SOMEONE, "CALL"]);
  const modules = await served.request("rpc_modules");
  assertEquals(modules, { debug: "1.0", eth: "1.0", rpc: "1.0", testing: "1.0" });
});
