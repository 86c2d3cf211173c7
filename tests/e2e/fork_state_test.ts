import { assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { toolTest } from "../support/tools.ts";
import { UpstreamProxy } from "../support/upstream_proxy.ts";
import { EngineGeth } from "./engine_geth.ts";
import { randomContracts } from "./random_contracts.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { ServerProcess } from "./server_process.ts";

const SEED = 16;
const CONTRACTS = 24;
/** Has nothing, and is no account of a mnemonic. */
const CALLER = `0x${"99".repeat(20)}`;

type Call = readonly [method: string, ...params: unknown[]];

/** What is asked about each contract; `at` is the block. */
function questions(to: string, at: unknown): Call[] {
  const request = { from: CALLER, to, gas: "0x1e8480" };
  const slots = Array.from({ length: 6 }, (_, slot) => `0x${slot.toString(16).padStart(64, "0")}`);
  const tracer = (
    name: string,
    tracerConfig = {},
  ): Call => ["debug_traceCall", request, at, { tracer: name, tracerConfig }];
  return [
    ["eth_call", request, at],
    ["eth_estimateGas", request, at],
    ["eth_createAccessList", request, at],
    tracer("callTracer", { withLog: true }),
    tracer("prestateTracer"),
    tracer("prestateTracer", { diffMode: true }),
    tracer("4byteTracer"),
    ["debug_traceCall", request, at, { enableReturnData: true }],
    ["eth_simulateV1", { blockStateCalls: [{ calls: [request, request] }, { calls: [request] }] }, at],
    ["eth_getBalance", to, at],
    ["eth_getCode", to, at],
    ["eth_getStorageValues", { [to]: slots }, at],
    ["eth_call", request, at, { [to]: { stateDiff: { [slots[0] ?? ""]: slots[3] } } }],
  ];
}

/** The funded accounts of a fork give simulated blocks another root, and so another hash. */
function comparable(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer, (name, value) => /^(stateRoot|hash|parentHash|blockHash|size)$/.test(name) ? "" : value),
  );
}

toolTest("geth", {
  name: "Calls on a fork answer what a real geth answers at the forked block: values, gas, access lists, traces, logs",
  async fn(program) {
    const contracts = randomContracts(new Random(SEED), CONTRACTS);
    const alloc = Object.fromEntries(contracts.map(({ address, ...account }) => [address.slice(2), account]));
    await using geth = await EngineGeth.start(program, { alloc });
    let parent = null;
    for (let block = 0; block < 4; block++) {
      parent = await geth.build(parent, { tag: block, transactions: 0 });
      await geth.choose(parent);
    }
    await using node = await RpcSocket.open(geth.url);
    await using proxy = new UpstreamProxy({ target: geth.url });
    await using server = await ServerProcess.start({
      flags: ["--fork.url", proxy.wsUrl, "--ws.api", "eth,net,web3,debug,anvil,evm"],
    });
    await using fork = await RpcSocket.open(server.url);
    // What the node does later is not seen.
    const { hash } = await node.call("eth_getBlockByNumber", "latest", false) as { hash: string };
    await geth.choose(await geth.build(parent, { tag: 99, transactions: 0 }));
    assertEquals(await fork.call("eth_blockNumber"), "0x4");
    for (const { address } of contracts) {
      const here = questions(address, "latest");
      const there = questions(address, { blockHash: hash });
      for (const [index, question] of here.entries()) {
        const [method, ...params] = there[index] ?? question;
        const [ours, theirs] = [await fork.call(...question), await node.call(method, ...params)];
        assertEquals([question, comparable(ours)], [question, comparable(theirs)]);
      }
    }
    proxy.reset();
    for (const { address } of contracts) {
      for (const question of questions(address, "latest")) await fork.call(...question);
    }
    assertEquals(proxy.calls, [], "what was asked for once is not asked for again");
  },
});
