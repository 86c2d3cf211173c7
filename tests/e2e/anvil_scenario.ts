import {
  createTestClient,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
  pad,
  parseEther,
  parseGwei,
  publicActions,
  toHex,
} from "../clients/viem.ts";
import { mnemonicToAccount } from "../clients/viem_accounts.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { type Exchange, recordingTransport } from "./compare_answers.ts";

const MNEMONIC = "test test test test test test test test test test test junk";
const alice = mnemonicToAccount(MNEMONIC);
const bob = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });
/** Sends what one of the two chains takes in and the other refuses, so that the others' nonces stay the same. */
const carol = mnemonicToAccount(MNEMONIC, { addressIndex: 2 });
const [SOMEONE, MINER] = [`0x${"a1".repeat(20)}`, `0x${"c3".repeat(20)}`] as const;
const UNKNOWN = `0x${"ff".repeat(32)}` as const;
/** Far ahead of any real clock, so that both chains tell the same time. */
const START = 2_000_000_000n;
const FEES = { maxFeePerGas: parseGwei("10"), maxPriorityFeePerGas: parseGwei("1") };

/** What was asked in one step of the scenario, and what came back. */
export interface Step {
  readonly name: string;
  readonly exchanges: readonly Exchange[];
}

/** Does with viem what users do with a dev chain, one thing after another, and keeps every answer. */
export async function playScenario(url: string): Promise<readonly Step[]> {
  let exchanges: Exchange[] = [];
  const transport = recordingTransport(url, (exchange) => exchanges.push(exchange));
  const client = createTestClient({ mode: "anvil", transport, account: alice, pollingInterval: 20 })
    .extend(publicActions);
  const rpc = await client.transport.getRpcClient();
  const steps: Step[] = [];

  /** A step may fail: then the error is the answer to compare. */
  async function step<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
    exchanges = [];
    const result = await run().catch(() => undefined);
    steps.push({ name, exchanges });
    return result;
  }
  const raw = (method: string, ...params: unknown[]) =>
    client.request({ method: method as never, params: params as never }) as Promise<unknown>;
  const ask = (name: string, ...params: unknown[]) => step(name, () => raw(name, ...params));

  const nonces = new Map<Hex, number>([[alice.address, 0], [bob.address, 0]]);
  async function send(name: string, fields: Record<string, unknown>, sender = alice): Promise<Hex> {
    const nonce = nonces.get(sender.address) ?? 0;
    const request = {
      chainId: 1337,
      gas: 200_000n,
      nonce,
      type: "eip1559",
      ...(fields.gasPrice === undefined ? FEES : {}),
      ...fields,
    };
    const serializedTransaction = await sender.signTransaction(request as Parameters<typeof sender.signTransaction>[0]);
    const hash = await step(name, () => client.sendRawTransaction({ serializedTransaction }));
    if (hash !== undefined && fields.nonce === undefined) nonces.set(sender.address, nonce + 1);
    return hash ?? keccak256(serializedTransaction);
  }

  await step("a known start", async () => {
    await client.setAutomine(false);
    await client.setCoinbase({ address: MINER });
    await client.setBlockGasLimit({ gasLimit: 30_000_000n });
    await client.setBalance({ address: alice.address, value: parseEther("100") });
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("1") });
    await client.setNextBlockTimestamp({ timestamp: START });
    await client.mine({ blocks: 1 });
    await client.setBlockTimestampInterval({ interval: 12 });
  });
  await step("who this is", async () => {
    await client.getChainId();
    await client.getBlockNumber();
    await raw("net_version");
    await raw("net_listening");
    await raw("eth_syncing");
    await raw("web3_sha3", toHex("hello"));
    await raw("eth_coinbase");
    await client.getAutomine();
  });
  await ask("eth_accounts");
  await ask("web3_clientVersion");
  await step("fees", async () => {
    await client.getFeeHistory({ blockCount: 1, rewardPercentiles: [50] });
    await client.getBlobBaseFee();
  });
  await ask("eth_gasPrice");
  await ask("eth_maxPriorityFeePerGas");

  const deployment = await send("deploy", {
    data: `${TOKEN_BYTECODE}${pad(numberToHex(1000n)).slice(2)}`,
    gas: 2_000_000n,
  });
  await step("a pending transaction", async () => {
    await client.getTransaction({ hash: deployment });
    await client.getTransactionCount({ address: alice.address, blockTag: "pending" });
    await raw("eth_getTransactionReceipt", deployment);
  });
  await ask("txpool_status");
  await ask("txpool_content");
  await ask("txpool_inspect");
  await ask("evm_mine");
  await step("a deployment's receipt", () => client.getTransactionReceipt({ hash: deployment }));
  const receipt = await raw("eth_getTransactionReceipt", deployment) as { contractAddress: Hex };
  const token = { abi: TOKEN_ABI, address: receipt.contractAddress };
  await step("a mined transaction", () => client.getTransaction({ hash: deployment }));
  await step("blocks", async () => {
    await client.getBlock({ blockNumber: 2n });
    await client.getBlock({ blockNumber: 2n, includeTransactions: true });
    await client.getBlockTransactionCount({ blockNumber: 2n });
    await raw("eth_getBlockReceipts", "0x2");
  });
  await ask("eth_getHeaderByNumber", "0x2");
  await ask("eth_getUncleCountByBlockNumber", "0x2");
  await ask("eth_getRawTransactionByHash", deployment);

  const transfer = (value: bigint) =>
    encodeFunctionData({ abi: TOKEN_ABI, functionName: "transfer", args: [bob.address, value] });
  await step("reads", async () => {
    await client.getCode({ address: token.address });
    await client.getBalance({ address: alice.address });
    await client.getBalance({ address: MINER });
    await client.getStorageAt({ address: token.address, slot: "0x0" });
    await client.readContract({ ...token, functionName: "symbol" });
    await client.readContract({ ...token, functionName: "blockInfo" });
    await client.call({ to: SOMEONE, data: "0x1234" });
    await client.estimateGas({ account: alice, to: SOMEONE, value: 1n });
  });
  await step(
    "an estimate of a contract call",
    () => client.estimateGas({ account: alice, to: token.address, data: transfer(1n) }),
  );
  await step("a proof", () => client.getProof({ address: token.address, storageKeys: [pad("0x00")] }));
  await step(
    "an access list",
    () => client.createAccessList({ account: alice, to: token.address, data: transfer(1n) }),
  );
  await step("overrides", () =>
    client.call({
      to: token.address,
      data: encodeFunctionData({ abi: TOKEN_ABI, functionName: "balanceOf", args: [alice.address] }),
      stateOverride: [{ address: token.address, stateDiff: [{ slot: pad("0x00"), value: pad("0x01") }] }],
    }));
  for (const number of [0n, 1n, 2n]) {
    await step(`balances at block ${number}`, () => client.getBalance({ address: MINER, blockNumber: number }));
  }

  await step("a custom error", () => client.call({ account: bob, to: token.address, data: transfer(5n) }));
  await step("a reason", () => client.readContract({ ...token, functionName: "fail", args: ["no luck"] }));
  await step(
    "an estimate that reverts",
    () => client.estimateGas({ account: bob, to: token.address, data: transfer(5n) }),
  );
  await send("a nonce that is used", { to: SOMEONE, nonce: 0 });
  await send("more than there is", { to: SOMEONE, value: parseEther("1000") });
  await send("too little gas", { to: SOMEONE, gas: 20_000n });
  await send("more gas than a transaction may have", { to: SOMEONE, gas: 16_777_217n, nonce: 1 }, carol);
  await send("another chain's id", { to: SOMEONE, chainId: 5 });
  await step("what is no transaction", () => client.sendRawTransaction({ serializedTransaction: "0x1234" as never }));
  await step("what does not exist", async () => {
    await raw("eth_getTransactionByHash", UNKNOWN);
    await raw("eth_getTransactionReceipt", UNKNOWN);
    await raw("eth_getBlockByHash", UNKNOWN, false);
    await raw("eth_getBlockByNumber", "0xffff", false);
    await raw("eth_getTransactionByBlockNumberAndIndex", "0x1", "0x9");
  });
  await step("a state that does not exist", () => client.getBalance({ address: SOMEONE, blockNumber: 65_535n }));
  await ask("eth_thisIsNoMethod");
  const waiting = { to: SOMEONE, nonce: 0, type: "legacy" };
  await send("one to be replaced", { ...waiting, gasPrice: parseGwei("3") }, carol);
  await send("a replacement that pays too little", { ...waiting, gasPrice: parseGwei("3") + 1n }, carol);
  // What anvil took in of carol's would change the next block.
  await raw("anvil_dropAllTransactions");

  const filters = await step(
    "filters",
    () => Promise.all([raw("eth_newBlockFilter"), raw("eth_newFilter", { address: token.address })]),
  ) ?? [];
  const hashes = [
    await send("an access-list transaction", {
      type: "eip2930",
      to: token.address,
      data: transfer(7n),
      gasPrice: parseGwei("3"),
      accessList: [{ address: token.address, storageKeys: [pad("0x00")] }],
    }),
    await send("a legacy transaction", { type: "legacy", to: SOMEONE, value: 3n, gasPrice: parseGwei("4") }, bob),
    await send("one that reverts", { to: token.address, data: transfer(10n ** 30n) }),
    await send("a gap", { to: SOMEONE, nonce: 9 }),
  ];
  await ask("txpool_status");
  await step("three transactions in a block", () => client.mine({ blocks: 1 }));
  for (const hash of hashes.slice(0, 3)) {
    await step("receipts of each type", () => raw("eth_getTransactionReceipt", hash));
    await step("transactions of each type", () => raw("eth_getTransactionByHash", hash));
  }
  await step("logs", async () => {
    await client.getContractEvents({ ...token, eventName: "Transfer", fromBlock: 0n });
    await raw("eth_getFilterChanges", filters[0]);
    await raw("eth_getFilterChanges", filters[1]);
    await raw("eth_getFilterLogs", filters[1]);
    await raw("eth_uninstallFilter", filters[0]);
    await raw("eth_uninstallFilter", filters[0]);
  });
  await ask("eth_getFilterChanges", "0xdead");
  await ask("anvil_dropTransaction", hashes[3]);
  await step("fees of four blocks", () => client.getFeeHistory({ blockCount: 4, rewardPercentiles: [0, 50, 100] }));

  await step("heads and logs as notifications", async () => {
    const told = Promise.withResolvers<void>();
    const seen: unknown[] = [];
    const subscribe = (params: unknown[]) =>
      client.transport.subscribe({
        params: params as never,
        onData: (data: unknown) => {
          seen.push(data);
          if (seen.length === 2) told.resolve();
        },
        onError: (error: unknown) => told.reject(error),
      });
    const heads = await subscribe(["newHeads"]);
    const logs = await subscribe(["logs", { address: token.address }]);
    const nonce = nonces.get(alice.address) ?? 0;
    nonces.set(alice.address, nonce + 1);
    const transaction = {
      chainId: 1337,
      nonce,
      gas: 200_000n,
      to: token.address,
      data: transfer(1n),
      ...FEES,
    } as const;
    await client.sendRawTransaction({ serializedTransaction: await alice.signTransaction(transaction) });
    await client.mine({ blocks: 1 });
    await told.promise;
    await heads.unsubscribe();
    await logs.unsubscribe();
    const isLog = (data: unknown) => "result" in (data as object) && "topics" in (data as { result: object }).result;
    exchanges = exchanges.filter(({ method }) => method === "evm_mine" || method === "anvil_mine");
    exchanges.push({ method: "newHeads", answer: resultOf(seen.find((data) => !isLog(data))) });
    exchanges.push({ method: "logs", answer: resultOf(seen.find(isLog)) });
  });

  await step("a snapshot and back", async () => {
    const id = await client.snapshot();
    exchanges = [];
    await client.setBalance({ address: SOMEONE, value: 5n });
    await client.mine({ blocks: 2 });
    await client.revert({ id });
    await client.getBlockNumber({ cacheTime: 0 });
    await client.getBalance({ address: SOMEONE });
  });
  await step("the block after a snapshot and back", async () => {
    await client.mine({ blocks: 1 });
    await raw("eth_getBlockByNumber", "latest", false);
  });
  await ask("evm_revert", "0x77");
  await step("accounts that are changed", async () => {
    await client.setNonce({ address: SOMEONE, nonce: 5 });
    await client.setCode({ address: SOMEONE, bytecode: "0x6001" });
    await client.setStorageAt({ address: SOMEONE, index: 1, value: pad("0x02") });
    await raw("anvil_addBalance", SOMEONE, "0x10");
    await client.getTransactionCount({ address: SOMEONE });
    await client.getCode({ address: SOMEONE });
    await client.getStorageAt({ address: SOMEONE, slot: "0x1" });
    await client.getBalance({ address: SOMEONE });
  });
  await step("time", async () => {
    await client.removeBlockTimestampInterval();
    await client.removeBlockTimestampInterval();
    await client.setNextBlockTimestamp({ timestamp: START + 100_000n });
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("1") });
    await client.mine({ blocks: 1 });
    await client.mine({ blocks: 2, interval: 1000 });
    await raw("eth_getBlockByNumber", "latest", false);
  });
  await ask("evm_setNextBlockTimestamp", 5);
  await step("impersonation", async () => {
    await client.setCode({ address: SOMEONE, bytecode: "0x" });
    await client.setBalance({ address: SOMEONE, value: parseEther("1") });
    await client.impersonateAccount({ address: SOMEONE });
    const request = { from: SOMEONE, to: MINER, value: "0x1", gas: "0x5208", maxFeePerGas: "0x2540be400" };
    const hash = await raw("eth_sendTransaction", { ...request, maxPriorityFeePerGas: "0x3b9aca00" });
    await client.mine({ blocks: 1 });
    await raw("eth_getTransactionReceipt", hash);
    await client.stopImpersonatingAccount({ address: SOMEONE });
  });
  await ask("eth_sendTransaction", { from: SOMEONE, to: MINER, value: "0x1" });
  await ask("anvil_rollback", 1);
  await ask("anvil_reorg", 2, []);
  await ask("anvil_reorg", 1000, []);
  await ask("anvil_rollback", 1000);
  await ask("anvil_nodeInfo");
  await step("after a reorganisation", () => raw("eth_getBlockByNumber", "latest", false));
  await ask("anvil_metadata");
  await ask("anvil_setMinGasPrice", "0x1");
  await ask("anvil_setRpcUrl", "http://127.0.0.1:1");
  await ask("anvil_reset", { forking: { blockNumber: null } });
  await ask("anvil_setBalance", SOMEONE, "-1");
  await ask("anvil_setBalance", SOMEONE);
  await ask("anvil_reset");
  await step("after a reset", () => raw("eth_blockNumber"));

  const socket = rpc.socket as unknown as WebSocket;
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  rpc.close();
  if (socket.readyState !== WebSocket.CLOSED) await closed;
  return steps;
}

function resultOf(notification: unknown): unknown {
  return (notification as { result?: unknown } | undefined)?.result;
}
