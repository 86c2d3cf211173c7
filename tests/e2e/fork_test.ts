import { assert, assertEquals } from "@std/assert";
import { toolTest } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { CHAIN_ID, LOGGER, SENDER } from "./engine_geth.ts";
import { ForkedGeth } from "./forked_geth.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const BLOCKS = 8;
const FORK = 5;
/** Of the blocks that the geth makes. */
const FEE_RECIPIENT = `0x${"22".repeat(20)}`;
const SOMEONE = `0x${"a1".repeat(20)}`;
/** The first account of the test mnemonic, which has sent transactions on the forked chain. */
const ALICE = SENDER;

type Fields = Readonly<Record<string, unknown>>;
type LogFields = { readonly blockNumber: string; readonly logIndex: string; readonly transactionHash: string };

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}

/** A geth with blocks, and a fork of it at one of them. */
class Stage implements AsyncDisposable {
  private constructor(readonly upstream: ForkedGeth, readonly server: ServerProcess, readonly fork: RpcSocket) {}

  static async open(upstream: ForkedGeth): Promise<Stage> {
    const server = await ServerProcess.start({
      flags: [
        ...["--fork.url", upstream.geth.url, "--fork.block", String(FORK)],
        ...["--ws.api", "eth,net,web3,debug,txpool,evm,anvil,hardhat"],
      ],
    });
    return new Stage(upstream, server, await RpcSocket.open(server.url));
  }

  /** Asks both; the answers must be the same. */
  async same(method: string, ...params: unknown[]): Promise<unknown> {
    const [ours, theirs] = await Promise.all([
      this.fork.call(method, ...params),
      this.upstream.client.call(method, ...params),
    ]);
    assertEquals(ours, theirs, `${method} ${JSON.stringify(params)}`);
    return ours;
  }

  /** Sends a transaction that makes two logs; returns its receipt. */
  async log(): Promise<Fields> {
    const hash = await this.fork.call("eth_sendTransaction", { from: ALICE, to: LOGGER });
    return await this.fork.call("eth_getTransactionReceipt", hash) as Fields;
  }

  async headNumber(): Promise<number> {
    return Number(await this.fork.call("eth_blockNumber"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fork[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

async function answersForThePast(stage: Stage): Promise<void> {
  const { fork, upstream } = stage;
  assertEquals(await stage.headNumber(), FORK);
  await stage.same("eth_chainId");
  await stage.same("net_version");
  for (let number = 0; number <= FORK; number++) {
    const block = await stage.same("eth_getBlockByNumber", hex(number), true) as Fields;
    await stage.same("eth_getBlockByHash", block["hash"], false);
    await stage.same("eth_getHeaderByNumber", hex(number));
    await stage.same("eth_getBlockReceipts", hex(number));
    await stage.same("eth_getBlockTransactionCountByNumber", hex(number));
    await stage.same("eth_getTransactionByBlockNumberAndIndex", hex(number), "0x0");
    await stage.same("eth_getUncleCountByBlockHash", block["hash"]);
    await stage.same("eth_getLogs", { blockHash: block["hash"] });
    await stage.same("debug_getRawHeader", hex(number));
    await stage.same("debug_getRawReceipts", hex(number));
    if (number > 0) await stage.same("debug_traceBlockByNumber", hex(number), { tracer: "callTracer" });
    await stage.same("eth_getProof", ALICE, ["0x0"], hex(number));
    await stage.same("eth_feeHistory", "0x3", hex(number), [10, 50]);
  }
  for (let number = 0; number < FORK; number++) {
    await stage.same("eth_getBalance", ALICE, hex(number));
    await stage.same("eth_getTransactionCount", ALICE, hex(number));
    await stage.same("eth_getCode", LOGGER, hex(number));
    await stage.same("eth_getStorageAt", LOGGER, "0x0", hex(number));
    await stage.same("eth_call", { from: ALICE, to: LOGGER }, hex(number));
    await stage.same("eth_estimateGas", { from: ALICE, to: LOGGER }, hex(number));
    await stage.same("debug_traceCall", { from: ALICE, to: LOGGER }, hex(number), { tracer: "callTracer" });
    await stage.same("eth_simulateV1", { blockStateCalls: [{ calls: [{ from: ALICE, to: LOGGER }] }] }, hex(number));
  }
  // Blocks 1, 2, 4 and 5 have a transaction each, and what came later is of another chain.
  const [known, later] = [upstream.transactions.slice(0, 4), upstream.transactions.slice(4)];
  for (const hash of known) {
    await stage.same("eth_getTransactionByHash", hash);
    await stage.same("eth_getTransactionReceipt", hash);
    await stage.same("eth_getRawTransactionByHash", hash);
    await stage.same("debug_traceTransaction", hash, { tracer: "prestateTracer" });
  }
  assertEquals(later.length, 2);
  for (const hash of later) {
    assertEquals(await fork.call("eth_getTransactionByHash", hash), null);
    assertEquals(await fork.call("eth_getTransactionReceipt", hash), null);
  }
  const { hash } = await upstream.client.call("eth_getBlockByNumber", hex(FORK + 1), false) as { hash: string };
  assertEquals(await fork.call("eth_getBlockByNumber", hex(FORK + 1), false), null);
  assertEquals(await fork.call("eth_getBlockByHash", hash, false), null);
  assertEquals(await fork.call("eth_getBlockReceipts", hash), null);
  assertEquals((await fork.call("eth_getBalance", ALICE, { blockHash: hash }) as Fields)["code"], -32000);
  for (const tag of ["latest", "safe", "finalized"]) {
    const block = await fork.call("eth_getBlockByNumber", tag, false) as { number: string };
    assertEquals(Number(block.number), FORK, tag);
  }
  await stage.same("eth_getBlockByNumber", "earliest", true);
}

async function goesOn(stage: Stage): Promise<void> {
  const { fork, upstream } = stage;
  const parent = await upstream.client.call("eth_getBlockByNumber", hex(FORK), false) as Fields;
  const history = await upstream.client.call("eth_feeHistory", "0x1", hex(FORK), []) as { baseFeePerGas: string[] };
  assertEquals(await fork.call("eth_getTransactionCount", ALICE, "latest"), "0x4");
  // 10,000 ether on top, whatever the account has on the forked chain.
  assertEquals(await fork.call("eth_getBalance", ALICE, "latest"), "0x21e19e0c9bab2400000");
  assertEquals(await fork.call("eth_getBalance", ALICE, hex(FORK)), "0x21e19e0c9bab2400000");
  const receipt = await stage.log();
  assertEquals([receipt["status"], Number(receipt["blockNumber"])], ["0x1", FORK + 1]);
  const block = await fork.call("eth_getBlockByNumber", hex(FORK + 1), false) as Fields;
  assertEquals(block["parentHash"], parent["hash"]);
  assertEquals(block["baseFeePerGas"], history.baseFeePerGas.at(-1));
  assertEquals(block["gasLimit"], parent["gasLimit"]);
  const age = Number(block["timestamp"]) - Number(parent["timestamp"]);
  assert(age > 0 && age < 600, `the clock goes on from the forked block, not from today: ${age} s`);
  // The geth is in Cancun, whose headers end with the beacon root.
  assertEquals(["parentBeaconBlockRoot" in block, "requestsHash" in block], [true, false]);
  assertEquals(await fork.call("eth_getTransactionCount", ALICE, "latest"), "0x5");
  const info = await fork.call("anvil_nodeInfo") as { forkConfig: Fields; hardFork: string };
  assertEquals(info.forkConfig, { forkUrl: upstream.geth.url, forkBlockNumber: FORK, forkRetryBackoff: null });
  assertEquals(info.hardFork, "cancun");
  const forkedNetwork = { chainId: CHAIN_ID, forkBlockNumber: FORK, forkBlockHash: parent["hash"] };
  for (const method of ["anvil_metadata", "hardhat_metadata"]) {
    assertEquals((await fork.call(method) as Fields)["forkedNetwork"], forkedNetwork, method);
  }
  const { printed } = stage.server;
  assert(
    printed.includes(`Forked                 chainid=${CHAIN_ID} block=${FORK} hash=${parent["hash"]}`),
    printed,
  );
}

async function joinsLogsAndFees(stage: Stage): Promise<void> {
  const { fork, upstream } = stage;
  for (let count = 0; count < 3; count++) await stage.log();
  const head = FORK + 3;
  const own = await Promise.all([1, 2, 3].map(async (above) => {
    const receipts = await fork.call("eth_getBlockReceipts", hex(FORK + above)) as { logs: unknown[] }[];
    return receipts.flatMap(({ logs }) => logs);
  }));
  const logsOf = async (client: RpcSocket, from: number | string, to: number | string, rest: Fields = {}) =>
    await client.call("eth_getLogs", {
      fromBlock: typeof from === "number" ? hex(from) : from,
      toBlock: typeof to === "number" ? hex(to) : to,
      ...rest,
    }) as LogFields[];
  for (let from = 0; from <= head; from++) {
    for (let to = from; to <= head; to++) {
      const old = from > FORK ? [] : await logsOf(upstream.client, from, Math.min(to, FORK));
      const fresh = own.slice(Math.max(from - FORK - 1, 0), Math.max(to - FORK, 0)).flat();
      assertEquals(await logsOf(fork, from, to), [...old, ...fresh] as LogFields[], `${from} to ${to}`);
    }
  }
  const all = await logsOf(fork, "earliest", "latest");
  assertEquals(all, await logsOf(fork, 0, head));
  assertEquals(all.map(({ blockNumber }) => Number(blockNumber)), [1, 1, 2, 2, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8]);
  assertEquals(await logsOf(fork, 0, "latest", { address: LOGGER }), all);
  assertEquals(await logsOf(fork, 0, "latest", { address: SOMEONE }), []);
  assertEquals(await logsOf(fork, 0, "latest", { topics: [`0x${"11".repeat(32)}`] }), []);
  assertEquals(await logsOf(fork, "latest", "latest"), own[2] as unknown as LogFields[]);
  for (const [from, to] of [[6, 5], [5, head + 1]] as const) {
    const refusal = await fork.call("eth_getLogs", { fromBlock: hex(from), toBlock: hex(to) }) as Fields;
    assertEquals(refusal["code"], -32602, `${from} to ${to}`);
  }
  type History = {
    oldestBlock: string;
    baseFeePerGas: string[];
    gasUsedRatio: number[];
    reward: string[][];
    baseFeePerBlobGas: string[];
    blobGasUsedRatio: number[];
  };
  const whole = await fork.call("eth_feeHistory", hex(7), "latest", [50]) as History;
  const old = await upstream.client.call("eth_feeHistory", hex(4), hex(FORK), [50]) as History;
  const fresh = await fork.call("eth_feeHistory", hex(3), "latest", [50]) as History;
  assertEquals(whole, {
    oldestBlock: old.oldestBlock,
    reward: [...old.reward, ...fresh.reward],
    baseFeePerGas: [...old.baseFeePerGas.slice(0, 4), ...fresh.baseFeePerGas],
    gasUsedRatio: [...old.gasUsedRatio, ...fresh.gasUsedRatio],
    baseFeePerBlobGas: [...old.baseFeePerBlobGas.slice(0, 4), ...fresh.baseFeePerBlobGas],
    blobGasUsedRatio: [...old.blobGasUsedRatio, ...fresh.blobGasUsedRatio],
  });
  assertEquals([Number(whole.oldestBlock), whole.gasUsedRatio.length], [2, 7]);
  const everything = await fork.call("eth_feeHistory", hex(1000), "latest", []) as History;
  assertEquals([everything.oldestBlock, everything.gasUsedRatio.length], ["0x0", head + 1]);
}

async function resumes(stage: Stage): Promise<void> {
  const { fork } = stage;
  const snapshot = await fork.call("evm_snapshot");
  await stage.log();
  await stage.log();
  const heads = await fork.subscribe("newHeads", { fromBlock: hex(FORK - 2) });
  const logs = await fork.subscribe("logs", { fromBlock: hex(FORK - 1) });
  await until(() => heads.length === 5 && logs.length === 8, "the past of both chains");
  assertEquals(heads.map(({ number }) => Number(number)), [3, 4, 5, 6, 7]);
  assertEquals(logs.map(({ blockNumber }) => Number(blockNumber)), [4, 4, 5, 5, 6, 6, 7, 7]);
  assertEquals(await fork.call("evm_revert", snapshot), true);
  assertEquals(await stage.headNumber(), FORK);
  await until(() => logs.length === 12, "the removed logs");
  assertEquals(logs.slice(8).map(({ blockNumber, removed }) => [Number(blockNumber), removed]), [
    ...[[7, true], [7, true], [6, true], [6, true]],
  ]);
  const receipt = await stage.log();
  assertEquals(Number(receipt["blockNumber"]), FORK + 1);
  await until(() => heads.length === 6, "the new head");
  assertEquals(Number(heads[5]?.["number"]), FORK + 1);
}

/** The last case: it changes the chain of the geth. */
async function staysWhereItIs(stage: Stage): Promise<void> {
  const { fork, upstream } = stage;
  const forked = await fork.call("eth_getBlockByNumber", hex(FORK), true) as Fields;
  const old = await fork.call("eth_getBlockReceipts", forked["hash"]);
  const fees = await upstream.client.call("eth_getBalance", FEE_RECIPIENT, hex(FORK));
  await upstream.reorganise(2);
  const now = await upstream.client.call("eth_getBlockByNumber", hex(FORK), true) as Fields;
  assert(now["hash"] !== forked["hash"], "the geth has another block there");
  assertEquals(await fork.call("eth_getBlockByNumber", hex(FORK), true), forked);
  assertEquals(await fork.call("eth_getBlockReceipts", hex(FORK)), old);
  // An account that was not read before has the balance that it had at the forked block.
  assertEquals(await fork.call("eth_getBalance", FEE_RECIPIENT, "latest"), fees);
  assert(await upstream.client.call("eth_getBalance", FEE_RECIPIENT, hex(FORK)) !== fees);
  assertEquals(Number((await stage.log())["blockNumber"]), FORK + 1);
  const block = await fork.call("eth_getBlockByNumber", hex(FORK + 1), false) as Fields;
  assertEquals(block["parentHash"], forked["hash"]);
}

toolTest("geth", {
  name: "a fork of a real geth",
  async fn(program, context) {
    await using upstream = await ForkedGeth.start(program, BLOCKS);
    const cases = [
      ["answers for its past as the forked node does, and for nothing that came there later", answersForThePast],
      ["goes on from its block: accounts, fees, time and rules are those of the forked chain", goesOn],
      ["logs and fees over the forked block are one answer", joinsLogsAndFees],
      [
        "subscriptions resume from the forked chain into the local one, and snapshots go back to the forked block",
        resumes,
      ],
      ["stays on its block when the forked chain is reorganised below it", staysWhereItIs],
    ] as const;
    for (const [name, run] of cases) {
      await context.step(name, async () => {
        await using stage = await Stage.open(upstream);
        await run(stage);
      });
    }
  },
});
