import { assert, assertEquals, assertMatch } from "@std/assert";
import { createRegistry } from "../../../src/rpc/registry.ts";
import { CheckedClient } from "../../support/checked_client.ts";
import { testTables } from "../../support/tables.ts";

type Hex = `0x${string}`;

const ADDRESS = `0x${"aa".repeat(20)}` as const;
const WORD = `0x${"bb".repeat(32)}` as const;

interface Metadata {
  readonly chainId: number;
  readonly clientVersion: string;
  readonly instanceId: Hex;
  readonly latestBlockNumber: number;
  readonly snapshots: { readonly [id: string]: readonly [number, Hex] };
}

/** One good call of each row, in an order in which each has something to do. */
function calls(client: CheckedClient): readonly (readonly [method: string, ...params: unknown[]])[] {
  const owner = client.chain.accounts[0]?.address;
  return [
    ["anvil_setLoggingEnabled", true],
    ["anvil_setBalance", ADDRESS, "1000000000000000000"],
    ["anvil_addBalance", ADDRESS, 1],
    ["anvil_setNonce", ADDRESS, 3],
    ["anvil_setCode", ADDRESS, "0x00"],
    ["anvil_setStorageAt", ADDRESS, 1, WORD],
    ["anvil_setCode", ADDRESS, "0x"],
    ["anvil_impersonateAccount", ADDRESS],
    ["eth_sendTransaction", { from: ADDRESS, to: owner, value: "0x1" }],
    ["anvil_stopImpersonatingAccount", ADDRESS],
    ["anvil_autoImpersonateAccount", true],
    ["anvil_autoImpersonateAccount", false],
    ["anvil_snapshot"],
    ["anvil_mine", 3, 60],
    ["evm_mine"],
    ["evm_mine_detailed", { blocks: 2 }],
    ["anvil_getAutomine"],
    ["anvil_setAutomine", false],
    ["anvil_setIntervalMining", 1000],
    ["anvil_getIntervalMining"],
    ["anvil_setIntervalMining", 0],
    ["eth_sendTransaction", { from: owner, to: ADDRESS, value: "0x1" }],
    ["eth_sendTransaction", { from: owner, to: ADDRESS, value: "0x1", nonce: "0x9" }],
    ["txpool_content"],
    ["txpool_contentFrom", owner],
    ["txpool_inspect"],
    ["txpool_status"],
    ["evm_mine_detailed"],
    ["anvil_removePoolTransactions", owner],
    ["anvil_dropAllTransactions"],
    ["anvil_setAutomine", true],
    ["anvil_increaseTime", 60],
    ["anvil_setTime", 1_900_000_000],
    ["anvil_setNextBlockTimestamp", 1_900_000_100],
    ["anvil_setBlockTimestampInterval", 5],
    ["hardhat_setBlockTimestampInterval", 5000],
    ["anvil_removeBlockTimestampInterval"],
    ["anvil_getGenesisTime"],
    ["anvil_setBlockGasLimit", 20_000_000],
    ["anvil_setCoinbase", ADDRESS],
    ["anvil_setNextBlockBaseFeePerGas", 7],
    ["anvil_setMinGasPrice", 1],
    ["anvil_setNextBlockPrevRandao", WORD],
    ["anvil_mine"],
    ["anvil_reorg", 1, [[{ from: owner, to: ADDRESS, value: "0x1" }, 0]]],
    ["anvil_rollback"],
    ["anvil_nodeInfo"],
    ["anvil_metadata"],
    ["anvil_revert", "0x1"],
    ["anvil_setChainId", 1337],
    ["anvil_reset"],
  ];
}

Deno.test("Every row of anvil, evm, hardhat and txpool answers with a result of its own shape", async () => {
  using client = await CheckedClient.open();
  const called = ["anvil_dropTransaction", "anvil_dumpState", "anvil_loadState"];
  for (const [method, ...params] of calls(client)) {
    await client.call(method, ...params);
    called.push(method);
  }
  await client.call("anvil_setAutomine", false);
  const [from] = client.chain.accounts;
  const hash = await client.call("eth_sendTransaction", { from: from?.address, to: ADDRESS, value: "0x1" });
  assertEquals(await client.call("anvil_dropTransaction", hash), hash);
  assertEquals(await client.call("anvil_dropTransaction", hash), null);
  const dropped = await client.call("eth_sendTransaction", { from: from?.address, to: ADDRESS, value: "0x1" });
  called.push("hardhat_dropTransaction", "hardhat_stopImpersonatingAccount", "hardhat_metadata");
  assertEquals(await client.call("hardhat_dropTransaction", dropped), true);
  assertEquals(await client.call("hardhat_dropTransaction", dropped), false);
  assertEquals(await client.call("hardhat_stopImpersonatingAccount", ADDRESS), false);
  await client.call("hardhat_metadata");
  const dump = await client.call("anvil_dumpState", true);
  assertEquals(await client.call("hardhat_loadState", dump), true);

  const registry = createRegistry(testTables(), { allow: ["eth", "anvil", "evm", "hardhat", "txpool"] });
  const does = new Set(called.map((name) => registry.method(name)?.params));
  const uncalled = registry.methods.filter(({ name, method }) =>
    /^(anvil|evm|hardhat|txpool)_/.test(name) && !does.has(method.params)
  );
  // The one row that always fails.
  assertEquals(uncalled.map(({ name }) => name), ["anvil_setRpcUrl", "hardhat_setRpcUrl"]);
});

Deno.test("anvil_metadata tells of the live snapshots, and of a new instance after a reset", async () => {
  using client = await CheckedClient.open();
  const before = await client.call<Metadata>("anvil_metadata");
  assertMatch(before.clientVersion, /^Sallyport\/v/);
  assertEquals([before.chainId, before.latestBlockNumber, before.snapshots], [1337, 0, {}]);
  const { hash } = await client.call<{ hash: Hex }>("eth_getBlockByNumber", "0x0", false);
  const first = await client.call<string>("evm_snapshot");
  await client.call("anvil_mine", 2);
  const second = await client.call<string>("evm_snapshot");
  const { snapshots } = await client.call<Metadata>("hardhat_metadata");
  assertEquals(Object.keys(snapshots), [first, second]);
  assertEquals(snapshots[first], [0, hash]);
  assertEquals(snapshots[second]?.[0], 2);
  assertEquals(await client.call("evm_revert", first), true);
  assertEquals(await client.call("evm_revert", second), false);
  assertEquals((await client.call<Metadata>("anvil_metadata")).snapshots, {});
  await client.call("anvil_reset");
  assert((await client.call<Metadata>("anvil_metadata")).instanceId !== before.instanceId);
});

Deno.test("anvil_nodeInfo tells of the head and the next block", async () => {
  using client = await CheckedClient.open();
  await client.call("anvil_setNextBlockBaseFeePerGas", 1234);
  await client.call("evm_setBlockGasLimit", 12_345_678);
  await client.call("anvil_mine", 2);
  const head = await client.call<{ hash: Hex; timestamp: Hex }>("eth_getBlockByNumber", "latest", false);
  const info = await client.call<Record<string, unknown>>("anvil_nodeInfo");
  assertEquals(info.currentBlockHash, head.hash);
  assertEquals(info.currentBlockNumber, "0x2");
  assertEquals(info.currentBlockTimestamp, Number(head.timestamp));
  const environment = info.environment as { chainId: number; gasLimit: Hex; baseFee: Hex };
  assertEquals([environment.chainId, environment.gasLimit], [1337, "0xbc614e"]);
  assertEquals(environment.baseFee, await client.call("eth_baseFee"));
});

Deno.test("Fees and fields that were set are in the next block", async () => {
  using client = await CheckedClient.open();
  await client.call("hardhat_setPrevRandao", WORD);
  await client.call("hardhat_setCoinbase", ADDRESS);
  await client.call("hardhat_setNextBlockBaseFeePerGas", "0x10");
  const [block] = await client.call<{ mixHash: Hex; miner: Hex; baseFeePerGas: Hex }[]>("evm_mine_detailed");
  assertEquals([block?.mixHash, block?.miner, block?.baseFeePerGas], [WORD, ADDRESS, "0x10"]);
  await client.call("anvil_setChainId", 4242);
  assertEquals(await client.call("eth_chainId"), "0x1092");
});
