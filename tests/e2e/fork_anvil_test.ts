import { assert, assertEquals } from "@std/assert";
import { startAnvil } from "../bench/targets.ts";
import { toolTest } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { differences } from "./compare_answers.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const API = ["--ws.api", "eth,net,web3,txpool,evm,anvil,hardhat"];
const ALICE = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const BOB = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
const SOMEONE = `0x${"a1".repeat(20)}`;
const COUNTER = `0x${"c1".repeat(20)}`;
/** Adds one to slot 0, logs the sum and returns it. */
const COUNTER_CODE = "0x60005460010160005560005460005260206000a060206000f3";
const FORK = 4;

/** What two chains cannot have in common, and where this server differs from anvil on purpose. */
const RULES: readonly (readonly [path: RegExp, reason: string])[] = [
  [
    /(blockHash|BlockHash|parentHash|\.hash|mixHash|[tT]imestamp)$/,
    "Local blocks have PREVRANDAO at random, and their own time.",
  ],
  [/transactionHash$/, "The suggested tip differs: here it is the upstream's, and anvil's own constant is 1 gwei."],
  [/(effectiveGasPrice|gasPrice|reward\[\]\[\])$/, "The same."],
  [/^beyond.*\.(code|message)$/, "geth's error for a block that does not exist."],
  [/^history over/, "anvil leaves out what is below the forked block."],
  [/^later/, "anvil answers with what came on the forked chain after the block, as if it were its own."],
  [/hardFork$/, "Anvil 1.7 knows no BPO2, and writes names with capitals."],
  [/blobGasPrice$/, "geth gives a price of blobs to transactions with blobs only; anvil to all."],
  [/forkRetryBackoff$/, "The wait is not fixed here."],
  [/^info.*baseFee$/, "The timestamps of the blocks differ, and with them the gas that impersonated calls take."],
];

interface Pair {
  readonly ours: RpcSocket;
  readonly theirs: RpcSocket;
}

/** Asks both, and returns the places of which no rule speaks. */
async function compare({ ours, theirs }: Pair, [name, method, ...params]: readonly [string, string, ...unknown[]]) {
  const [mine, others] = await Promise.all([ours.call(method, ...params), theirs.call(method, ...params)]);
  return differences(name, mine, others)
    .filter(({ path }) => !RULES.some(([rule]) => rule.test(path)))
    .map(({ path, ours, theirs }) => `${name} ${method} ${path}: ${JSON.stringify(ours)} | ${JSON.stringify(theirs)}`);
}

/** What is asked of both forks, in this order. */
function questions(later: { readonly transaction: string; readonly block: string }) {
  const reads = (at: string) =>
    [
      [`at ${at}`, "eth_getBlockByNumber", at, true],
      [`at ${at}`, "eth_getBalance", SOMEONE, at],
      [`at ${at}`, "eth_getBalance", ALICE, at],
      [`at ${at}`, "eth_getTransactionCount", ALICE, at],
      [`at ${at}`, "eth_getStorageAt", COUNTER, "0x0", at],
      [`at ${at}`, "eth_call", { to: COUNTER }, at],
      [`at ${at}`, "eth_getBlockReceipts", at],
    ] as const;
  const logs = (fromBlock: string, toBlock: string) => ["logs", "eth_getLogs", { fromBlock, toBlock }] as const;
  const send = (from: string) => ["sent", "eth_sendTransaction", { from, to: COUNTER, gas: "0x20000" }] as const;
  return {
    unchanged: [
      ...["0x0", "0x2", "0x3", "0x4", "latest"].flatMap(reads),
      ["beyond", "eth_getBalance", SOMEONE, "0x5"],
      ["beyond", "eth_call", { to: COUNTER }, "0x5"],
      ["beyond", "eth_getBlockByNumber", "0x5", false],
      ["history", "eth_feeHistory", "0x3", "latest", [50]],
      ["later", "eth_getTransactionByHash", later.transaction],
      ["later", "eth_getTransactionReceipt", later.transaction],
      ["later", "eth_getBlockByHash", later.block, false],
    ],
    local: [
      ["accounts", "eth_getBalance", BOB, "latest"],
      ["receipt", "eth_getBlockReceipts", "0x5"],
      ["state", "eth_getStorageAt", COUNTER, "0x0", "latest"],
      ["state", "eth_getStorageAt", COUNTER, "0x0", "0x4"],
      ["state", "eth_getStorageAt", COUNTER, "0x0", "0x3"],
      logs("0x0", "latest"),
      logs("0x4", "0x5"),
      logs("0x3", "0x4"),
      logs("0x5", "0x5"),
      ["history over the block", "eth_feeHistory", "0x3", "latest", [50]],
      ["set", "anvil_setBalance", SOMEONE, "0xde0b6b3a7640000"],
      ["set", "eth_getBalance", SOMEONE, "latest"],
      ["set", "eth_getBalance", SOMEONE, "0x4"],
      ["set", "anvil_setStorageAt", COUNTER, "0x0", `0x${"63".padStart(64, "0")}`],
      ["set", "eth_call", { to: COUNTER }, "latest"],
      ["set", "anvil_setStorageAt", COUNTER, "0x0", `0x${"0".repeat(64)}`],
      ["set", "eth_call", { to: COUNTER }, "latest"],
      ["set", "anvil_setNonce", BOB, "0x9"],
      ["set", "eth_getTransactionCount", BOB, "latest"],
      ["set", "anvil_impersonateAccount", SOMEONE],
    ],
    after: [
      ["impersonated", "eth_getTransactionCount", SOMEONE, "latest"],
      ["mined", "anvil_mine", "0x3"],
      ["mined", "eth_blockNumber"],
      ["set", "anvil_setCode", SOMEONE, "0x00"],
      ["set", "eth_getCode", SOMEONE, "latest"],
      ["info", "anvil_nodeInfo"],
      ["reset", "anvil_reset", { forking: { blockNumber: "0x2" } }],
      ["reset", "eth_blockNumber"],
      ...reads("latest"),
    ],
    send,
  } as const;
}

toolTest("anvil", {
  name: "a fork answers as anvil's of the same node, but for what is listed",
  async fn() {
    await using upstream = await ServerProcess.start({ flags: API });
    await using forked = await RpcSocket.open(upstream.url);
    await forked.call("anvil_setCode", COUNTER, COUNTER_CODE);
    for (let block = 1; block <= FORK + 2; block++) {
      await forked.call("eth_sendTransaction", { from: ALICE, to: block % 2 ? SOMEONE : COUNTER, gas: "0x20000" });
    }
    const block = await forked.call("eth_getBlockByNumber", `0x${(FORK + 2).toString(16)}`, false) as {
      readonly hash: string;
      readonly transactions: readonly string[];
    };
    await using server = await ServerProcess.start({
      flags: [...API, "--fork-url", upstream.url, "--fork-block-number", String(FORK)],
    });
    await using anvil = await startAnvil(["--fork-url", upstream.url, "--fork-block-number", String(FORK)]);
    assert(anvil !== null);
    await using ours = await RpcSocket.open(server.url);
    await using theirs = await RpcSocket.open(anvil.url);
    const { unchanged, local, after, send } = questions({
      transaction: block.transactions[0] ?? "",
      block: block.hash,
    });
    const found: string[] = [];
    const ask = async (list: readonly (readonly [string, string, ...unknown[]])[]) => {
      for (const question of list) found.push(...await compare({ ours, theirs }, question));
    };
    const both = async (from: string) => {
      const [, method, ...params] = send(from);
      for (const client of [ours, theirs]) {
        const hash = await client.call(method, ...params);
        await until(async () => await client.call("eth_getTransactionReceipt", hash) !== null, "the receipt");
      }
    };
    await ask(unchanged);
    await both(ALICE);
    await ask(local);
    await both(SOMEONE);
    await ask(after);
    assertEquals(found, []);
  },
});
