import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  type Hex,
  parseEther,
  parseGwei,
  webSocket,
} from "../clients/viem.ts";
import { mnemonicToAccount } from "../clients/viem_accounts.ts";
import { TOKEN_ABI, TOKEN_BYTECODE, TOKEN_RUNTIME_BYTES } from "../contracts/token.ts";
import { collect } from "./collect.ts";
import { closeSocket } from "./viem_socket.ts";

const MNEMONIC = "test test test test test test test test test test test junk";
const DEVELOPER = "0x71562b71999873DB5b286dF957af199Ec94617F7";

const [alice, bob] = [mnemonicToAccount(MNEMONIC), mnemonicToAccount(MNEMONIC, { addressIndex: 1 })];

/** A viem client on a socket of its own, closed at the end of the scope. */
async function connect(url: string) {
  const transport = webSocket(url, { reconnect: false, keepAlive: false });
  const client = createPublicClient({ transport, pollingInterval: 50 });
  const wallet = createWalletClient({ account: alice, transport: webSocket(url, { reconnect: false }) });
  const sockets = [await client.transport.getRpcClient(), await wallet.transport.getRpcClient()];
  return {
    client,
    wallet,
    async [Symbol.asyncDispose]() {
      for (const rpc of sockets) await closeSocket(rpc);
    },
  };
}

/**
 * Deploys a contract, calls it and sees its events on a fresh server; one step for each kind of work. The server
 * `signs` for accounts of its own or not.
 */
export async function viemScenario(
  t: Deno.TestContext,
  url: string,
  { signs = true }: { readonly signs?: boolean } = {},
): Promise<void> {
  await using connection = await connect(url);
  const { client, wallet } = connection;
  const token = { abi: TOKEN_ABI, address: "0x" as Hex };

  await t.step("the chain is geth's dev chain with funded accounts", async () => {
    assertEquals(await client.getChainId(), 1337);
    assertEquals(await client.getBlockNumber(), 0n);
    assertEquals(await client.getBalance({ address: alice.address }), parseEther("10000"));
    assertEquals(
      (await wallet.request({ method: "eth_accounts" })).slice(0, 1),
      signs ? [DEVELOPER.toLowerCase()] : [],
    );
  });

  await t.step("a locally signed deployment is mined", async () => {
    const hash = await wallet.deployContract({ abi: TOKEN_ABI, bytecode: TOKEN_BYTECODE, args: [1000n], chain: null });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assertEquals(receipt.status, "success");
    assertEquals(receipt.type, "eip1559");
    assertEquals(receipt.logs.length, 1);
    token.address = receipt.contractAddress as Hex;
    assertEquals((await client.getCode({ address: token.address }))?.length, 2 + 2 * TOKEN_RUNTIME_BYTES);
  });

  await t.step("reads, batches of reads and overrides answer", async () => {
    assertEquals(await client.readContract({ ...token, functionName: "symbol" }), "SPT");
    assertEquals(await client.readContract({ ...token, functionName: "balanceOf", args: [alice.address] }), 1000n);
    const [number, , chainId] = await client.readContract({ ...token, functionName: "blockInfo" });
    assertEquals([number, chainId], [1n, 1337n]);
    const names = await Promise.all([1, 2, 3].map(() => client.readContract({ ...token, functionName: "name" })));
    assertEquals(names, Array(3).fill("Sallyport Token"));
  });

  await t.step("reverts carry their data", async () => {
    const custom = await assertRejects(() =>
      client.simulateContract({ ...token, functionName: "transfer", args: [bob.address, 5000n], account: alice })
    );
    assert(custom instanceof BaseError);
    const reverted = custom.walk((error) => error instanceof ContractFunctionRevertedError);
    assert(reverted instanceof ContractFunctionRevertedError);
    assertEquals(reverted.data?.errorName, "InsufficientBalance");
    assertEquals(reverted.data?.args, [alice.address, 1000n, 5000n]);
    const reason = await assertRejects(() =>
      client.readContract({ ...token, functionName: "fail", args: ["no luck"] })
    );
    assert(reason instanceof BaseError);
    assert(reason.message.includes("no luck"), reason.message);
  });

  await t.step("newHeads, logs and pending transactions arrive while transactions are mined", async () => {
    const heads = collect<{ number: bigint | null; hash: Hex | null }>();
    const logs = collect<{ args: { value?: bigint | undefined } }>();
    const pending = collect<Hex>();
    const stops = [
      client.watchBlocks({ onBlock: heads.push, onError: heads.fail }),
      client.watchContractEvent({
        ...token,
        eventName: "Transfer",
        onLogs: (batch) => batch.forEach(logs.push),
        onError: logs.fail,
      }),
      client.watchPendingTransactions({
        onTransactions: (batch) => batch.forEach(pending.push),
        onError: pending.fail,
      }),
    ];
    await settled(client);
    const hashes: Hex[] = [];
    for (const value of [1n, 2n, 3n]) {
      const hash = await wallet.writeContract({
        ...token,
        functionName: "transfer",
        args: [bob.address, value],
        chain: null,
      });
      hashes.push(hash);
      assertEquals((await client.waitForTransactionReceipt({ hash })).status, "success");
    }
    assertEquals((await heads.take(3)).map((head) => head.number), [2n, 3n, 4n]);
    assertEquals((await logs.take(3)).map((log) => log.args.value), [1n, 2n, 3n]);
    assertEquals(await pending.take(3), hashes);
    for (const stop of stops) stop();
  });

  await t.step("legacy, access-list and node-signed transactions are mined", async () => {
    const legacy = await wallet.sendTransaction({
      to: bob.address,
      value: 1n,
      type: "legacy",
      gasPrice: parseGwei("3"),
      chain: null,
    });
    assertEquals((await client.waitForTransactionReceipt({ hash: legacy })).type, "legacy");
    const listed = await wallet.sendTransaction({
      to: token.address,
      data: "0x06fdde03",
      type: "eip2930",
      gasPrice: parseGwei("3"),
      accessList: [{ address: token.address, storageKeys: [`0x${"00".repeat(32)}`] }],
      chain: null,
    });
    assertEquals((await client.waitForTransactionReceipt({ hash: listed })).type, "eip2930");
    if (!signs) return;
    const hash = await client.request({
      method: "eth_sendTransaction" as never,
      params: [{ from: DEVELOPER, to: bob.address, value: "0x7" }] as never,
    }) as Hex;
    const receipt = await client.waitForTransactionReceipt({ hash });
    assertEquals([receipt.status, receipt.from], ["success", DEVELOPER.toLowerCase()]);
  });

  await t.step("blocks, transactions, storage, fees and filters read back", async () => {
    const block = await client.getBlock({ blockNumber: 2n, includeTransactions: true });
    assertEquals(block.transactions.length, 1);
    const [transaction] = block.transactions;
    assertEquals(await client.getTransaction({ hash: transaction?.hash as Hex }), transaction);
    assertEquals(await client.getTransactionCount({ address: alice.address }), 6);
    const slot = await client.getStorageAt({ address: token.address, slot: "0x0" });
    assertEquals(BigInt(slot ?? "0x"), 1000n);
    const history = await client.getFeeHistory({ blockCount: 4, rewardPercentiles: [50] });
    assertEquals(history.baseFeePerGas.length, 5);
    assert((await client.estimateFeesPerGas()).maxFeePerGas > 0n);
    assertEquals(await client.estimateGas({ account: alice, to: bob.address, value: 1n }), 21000n);
    const found = await client.getContractEvents({ ...token, eventName: "Transfer", fromBlock: 0n });
    assertEquals(found.map((log) => log.args.value), [1000n, 1n, 2n, 3n]);
    assertEquals(found[1]?.args.to, bob.address);
  });
}

/** Resolves when the server has answered everything sent so far on this socket. */
async function settled(client: { getChainId(): Promise<number> }): Promise<void> {
  await client.getChainId();
}
