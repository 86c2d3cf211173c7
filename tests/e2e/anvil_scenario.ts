import { encodeFunctionData, type Hex, numberToHex, pad, parseEther, parseGwei, toHex } from "../clients/viem.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { alice, ALICE_BALANCE, bob, carol, RecordedPlay, type Step } from "./recorded_play.ts";

const [SOMEONE, MINER] = [`0x${"a1".repeat(20)}`, `0x${"c3".repeat(20)}`] as const;
const UNKNOWN = `0x${"ff".repeat(32)}` as const;
/** Far ahead of any real clock, so that both chains tell the same time. */
const START = 2_000_000_000n;

interface Token {
  readonly abi: typeof TOKEN_ABI;
  readonly address: Hex;
}

/** Does with viem what users do with a dev chain, one thing after another, and keeps every answer. */
export async function playScenario(url: string): Promise<readonly Step[]> {
  await using play = new RecordedPlay(url);
  await startAlike(play);
  await identify(play);
  const token = await deploy(play);
  await read(play, token);
  await fail(play, token);
  await replace(play);
  await mineTogether(play, token);
  await subscribe(play, token);
  await goBack(play);
  await impersonate(play);
  await reorganise(play);
  await report(play);
  return play.steps;
}

function transfer(value: bigint): Hex {
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: "transfer", args: [bob.address, value] });
}

/** Sets what would differ by chance: time, fees, the miner and a balance. */
async function startAlike(play: RecordedPlay): Promise<void> {
  const { client } = play;
  await play.step("a known start", async () => {
    await client.setAutomine(false);
    await client.setCoinbase({ address: MINER });
    await client.setBlockGasLimit({ gasLimit: 30_000_000n });
    await client.setBalance({ address: alice.address, value: ALICE_BALANCE });
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("1") });
    await client.setNextBlockTimestamp({ timestamp: START });
    await client.mine({ blocks: 1 });
    await client.setBlockTimestampInterval({ interval: 12 });
  });
}

/** Asks what this is and what it costs. */
async function identify(play: RecordedPlay): Promise<void> {
  const { client } = play;
  await play.step("who this is", async () => {
    await client.getChainId();
    await client.getBlockNumber();
    await play.raw("net_version");
    await play.raw("net_listening");
    await play.raw("eth_syncing");
    await play.raw("web3_sha3", toHex("hello"));
    await play.raw("eth_coinbase");
    await client.getAutomine();
  });
  await play.ask("eth_accounts");
  await play.ask("web3_clientVersion");
  await play.step("fees", async () => {
    await client.getFeeHistory({ blockCount: 1, rewardPercentiles: [50] });
    await client.getBlobBaseFee();
  });
  await play.ask("eth_gasPrice");
  await play.ask("eth_maxPriorityFeePerGas");
}

/** Deploys the token and looks at its block from all sides. */
async function deploy(play: RecordedPlay): Promise<Token> {
  const { client } = play;
  const deployment = await play.send("deploy", {
    data: `${TOKEN_BYTECODE}${pad(numberToHex(1000n)).slice(2)}`,
    gas: 2_000_000n,
  });
  await play.step("a pending transaction", async () => {
    await client.getTransaction({ hash: deployment });
    await client.getTransactionCount({ address: alice.address, blockTag: "pending" });
    await play.raw("eth_getTransactionReceipt", deployment);
  });
  await play.ask("txpool_status");
  await play.ask("txpool_content");
  await play.ask("txpool_inspect");
  await play.ask("evm_mine");
  await play.step("a deployment's receipt", () => client.getTransactionReceipt({ hash: deployment }));
  const receipt = await play.raw("eth_getTransactionReceipt", deployment) as { contractAddress: Hex };
  const token = { abi: TOKEN_ABI, address: receipt.contractAddress };
  await play.step("a mined transaction", () => client.getTransaction({ hash: deployment }));
  await play.step("blocks", async () => {
    await client.getBlock({ blockNumber: 2n });
    await client.getBlock({ blockNumber: 2n, includeTransactions: true });
    await client.getBlockTransactionCount({ blockNumber: 2n });
    await play.raw("eth_getBlockReceipts", "0x2");
  });
  await play.ask("eth_getHeaderByNumber", "0x2");
  await play.ask("eth_getUncleCountByBlockNumber", "0x2");
  await play.ask("eth_getRawTransactionByHash", deployment);
  return token;
}

/** Reads state and runs calls. */
async function read(play: RecordedPlay, token: Token): Promise<void> {
  const { client } = play;
  await play.step("reads", async () => {
    await client.getCode({ address: token.address });
    await client.getBalance({ address: alice.address });
    await client.getBalance({ address: MINER });
    await client.getStorageAt({ address: token.address, slot: "0x0" });
    await client.readContract({ ...token, functionName: "symbol" });
    await client.readContract({ ...token, functionName: "blockInfo" });
    await client.call({ to: SOMEONE, data: "0x1234" });
    await client.estimateGas({ account: alice, to: SOMEONE, value: 1n });
  });
  await play.step(
    "an estimate of a contract call",
    () => client.estimateGas({ account: alice, to: token.address, data: transfer(1n) }),
  );
  await play.step("a proof", () => client.getProof({ address: token.address, storageKeys: [pad("0x00")] }));
  await play.step(
    "an access list",
    () => client.createAccessList({ account: alice, to: token.address, data: transfer(1n) }),
  );
  await play.step("overrides", () =>
    client.call({
      to: token.address,
      data: encodeFunctionData({ abi: TOKEN_ABI, functionName: "balanceOf", args: [alice.address] }),
      stateOverride: [{ address: token.address, stateDiff: [{ slot: pad("0x00"), value: pad("0x01") }] }],
    }));
  for (const number of [0n, 1n, 2n]) {
    await play.step(`balances at block ${number}`, () => client.getBalance({ address: MINER, blockNumber: number }));
  }
}

/** Does what must fail. */
async function fail(play: RecordedPlay, token: Token): Promise<void> {
  const { client } = play;
  await play.step("a custom error", () => client.call({ account: bob, to: token.address, data: transfer(5n) }));
  await play.step("a reason", () => client.readContract({ ...token, functionName: "fail", args: ["no luck"] }));
  await play.step(
    "an estimate that reverts",
    () => client.estimateGas({ account: bob, to: token.address, data: transfer(5n) }),
  );
  await play.send("a nonce that is used", { to: SOMEONE, nonce: 0 });
  await play.send("more than there is", { to: SOMEONE, value: parseEther("1000") });
  await play.send("too little gas", { to: SOMEONE, gas: 20_000n });
  await play.send("more gas than a transaction may have", { to: SOMEONE, gas: 16_777_217n, nonce: 1 }, carol);
  await play.send("another chain's id", { to: SOMEONE, chainId: 5 });
  await play.step(
    "what is no transaction",
    () => client.sendRawTransaction({ serializedTransaction: "0x1234" as never }),
  );
  await play.step("what does not exist", async () => {
    await play.raw("eth_getTransactionByHash", UNKNOWN);
    await play.raw("eth_getTransactionReceipt", UNKNOWN);
    await play.raw("eth_getBlockByHash", UNKNOWN, false);
    await play.raw("eth_getBlockByNumber", "0xffff", false);
    await play.raw("eth_getTransactionByBlockNumberAndIndex", "0x1", "0x9");
  });
  await play.step("a state that does not exist", () => client.getBalance({ address: SOMEONE, blockNumber: 65_535n }));
  await play.ask("eth_thisIsNoMethod");
}

/** Replaces a waiting transaction with one that pays one wei more. */
async function replace(play: RecordedPlay): Promise<void> {
  const waiting = { to: SOMEONE, nonce: 0, type: "legacy" };
  await play.send("one to be replaced", { ...waiting, gasPrice: parseGwei("3") }, carol);
  await play.send("a replacement that pays too little", { ...waiting, gasPrice: parseGwei("3") + 1n }, carol);
  // What anvil took in of carol's would change the next block.
  await play.raw("anvil_dropAllTransactions");
}

/** Seals transactions of several types in one block, with filters watching. */
async function mineTogether(play: RecordedPlay, token: Token): Promise<void> {
  const { client } = play;
  const filters = await play.step(
    "filters",
    () => Promise.all([play.raw("eth_newBlockFilter"), play.raw("eth_newFilter", { address: token.address })]),
  ) ?? [];
  const hashes = [
    await play.send("an access-list transaction", {
      type: "eip2930",
      to: token.address,
      data: transfer(7n),
      gasPrice: parseGwei("3"),
      accessList: [{ address: token.address, storageKeys: [pad("0x00")] }],
    }),
    await play.send("a legacy transaction", { type: "legacy", to: SOMEONE, value: 3n, gasPrice: parseGwei("4") }, bob),
    await play.send("one that reverts", { to: token.address, data: transfer(10n ** 30n) }),
    await play.send("a gap", { to: SOMEONE, nonce: 9 }),
  ];
  await play.ask("txpool_status");
  await play.step("three transactions in a block", () => client.mine({ blocks: 1 }));
  for (const hash of hashes.slice(0, 3)) {
    await play.step("receipts of each type", () => play.raw("eth_getTransactionReceipt", hash));
    await play.step("transactions of each type", () => play.raw("eth_getTransactionByHash", hash));
  }
  await play.step("logs", async () => {
    await client.getContractEvents({ ...token, eventName: "Transfer", fromBlock: 0n });
    await play.raw("eth_getFilterChanges", filters[0]);
    await play.raw("eth_getFilterChanges", filters[1]);
    await play.raw("eth_getFilterLogs", filters[1]);
    await play.raw("eth_uninstallFilter", filters[0]);
    await play.raw("eth_uninstallFilter", filters[0]);
  });
  await play.ask("eth_getFilterChanges", "0xdead");
  await play.ask("anvil_dropTransaction", hashes[3]);
  await play.step(
    "fees of four blocks",
    () => client.getFeeHistory({ blockCount: 4, rewardPercentiles: [0, 50, 100] }),
  );
}

/** Lets a block and a log be told of. */
async function subscribe(play: RecordedPlay, token: Token): Promise<void> {
  const { client } = play;
  await play.step("heads and logs as notifications", async () => {
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
    await client.sendRawTransaction({
      serializedTransaction: await play.sign({ to: token.address, data: transfer(1n) }),
    });
    await client.mine({ blocks: 1 });
    await told.promise;
    await heads.unsubscribe();
    await logs.unsubscribe();
    const isLog = (data: unknown) => "result" in (data as object) && "topics" in (data as { result: object }).result;
    play.note([
      { method: "newHeads", answer: resultOf(seen.find((data) => !isLog(data))) },
      { method: "logs", answer: resultOf(seen.find(isLog)) },
    ]);
  });
}

/** Takes a snapshot, changes accounts, moves time. */
async function goBack(play: RecordedPlay): Promise<void> {
  const { client } = play;
  await play.step("a snapshot and back", async () => {
    const id = await client.snapshot();
    // Ids are counted from 0 there and from 1 here, as ganache and hardhat do.
    play.note([]);
    await client.setBalance({ address: SOMEONE, value: 5n });
    await client.mine({ blocks: 2 });
    await client.revert({ id });
    await client.getBlockNumber({ cacheTime: 0 });
    await client.getBalance({ address: SOMEONE });
  });
  await play.step("the block after a snapshot and back", async () => {
    await client.mine({ blocks: 1 });
    await play.raw("eth_getBlockByNumber", "latest", false);
  });
  await play.ask("evm_revert", "0x77");
  await play.step("accounts that are changed", async () => {
    await client.setNonce({ address: SOMEONE, nonce: 5 });
    await client.setCode({ address: SOMEONE, bytecode: "0x6001" });
    await client.setStorageAt({ address: SOMEONE, index: 1, value: pad("0x02") });
    await play.raw("anvil_addBalance", SOMEONE, "0x10");
    await client.getTransactionCount({ address: SOMEONE });
    await client.getCode({ address: SOMEONE });
    await client.getStorageAt({ address: SOMEONE, slot: "0x1" });
    await client.getBalance({ address: SOMEONE });
  });
  await play.step("time", async () => {
    await client.removeBlockTimestampInterval();
    await client.removeBlockTimestampInterval();
    await client.setNextBlockTimestamp({ timestamp: START + 100_000n });
    await client.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei("1") });
    await client.mine({ blocks: 1 });
    await client.mine({ blocks: 2, interval: 1000 });
    await play.raw("eth_getBlockByNumber", "latest", false);
  });
  await play.ask("evm_setNextBlockTimestamp", 5);
}

/** Sends for an account that has no key. */
async function impersonate(play: RecordedPlay): Promise<void> {
  const { client } = play;
  await play.step("impersonation", async () => {
    await client.setCode({ address: SOMEONE, bytecode: "0x" });
    await client.setBalance({ address: SOMEONE, value: parseEther("1") });
    await client.impersonateAccount({ address: SOMEONE });
    const request = { from: SOMEONE, to: MINER, value: "0x1", gas: "0x5208", maxFeePerGas: "0x2540be400" };
    const hash = await play.raw("eth_sendTransaction", { ...request, maxPriorityFeePerGas: "0x3b9aca00" });
    await client.mine({ blocks: 1 });
    await play.raw("eth_getTransactionReceipt", hash);
    await client.stopImpersonatingAccount({ address: SOMEONE });
  });
  await play.ask("eth_sendTransaction", { from: SOMEONE, to: MINER, value: "0x1" });
}

/** Takes blocks off and replaces others. */
async function reorganise(play: RecordedPlay): Promise<void> {
  await play.ask("anvil_rollback", 1);
  await play.ask("anvil_reorg", 2, []);
  await play.ask("anvil_reorg", 1000, []);
  await play.ask("anvil_rollback", 1000);
}

/** Asks for the node's own reports, and for what one of the two refuses. */
async function report(play: RecordedPlay): Promise<void> {
  await play.ask("anvil_nodeInfo");
  await play.step("after a reorganisation", () => play.raw("eth_getBlockByNumber", "latest", false));
  await play.ask("anvil_metadata");
  await play.ask("anvil_setMinGasPrice", "0x1");
  await play.ask("anvil_setRpcUrl", "http://127.0.0.1:1");
  await play.ask("anvil_reset", { forking: { blockNumber: null } });
  await play.ask("anvil_setBalance", SOMEONE, "-1");
  await play.ask("anvil_setBalance", SOMEONE);
  await play.ask("anvil_reset");
  await play.step("after a reset", () => play.raw("eth_blockNumber"));
}

function resultOf(notification: unknown): unknown {
  return (notification as { result?: unknown } | undefined)?.result;
}
