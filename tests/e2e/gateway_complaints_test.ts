/** What operators of other gateways complain of, each in a test that is named after its thread. */
import { assert, assertEquals } from "@std/assert";
import { until } from "../support/until.ts";
import { toolTest } from "../support/tools.ts";
import { type FleetNode, GethFleet } from "./geth_fleet.ts";
import { GethWitness } from "./geth_schedules.ts";
import { ServerProcess } from "./server_process.ts";

interface Scene {
  readonly fleet: GethFleet;
  readonly first: FleetNode;
  readonly second: FleetNode;
  readonly gateway: ServerProcess;
  readonly witness: GethWitness;
}

/** Two real geths at the same head, and a gateway with a subscriber. */
function sceneTest(name: string, play: (scene: Scene) => Promise<void>): void {
  toolTest("geth", {
    name,
    async fn(program) {
      await using fleet = await GethFleet.start(program, 2);
      const [first, second] = fleet.nodes;
      if (first === undefined || second === undefined) throw new Error("two nodes were asked for");
      await using gateway = await ServerProcess.start({ flags: ["--upstream", fleet.urls] });
      await using witness = await GethWitness.open(gateway.url);
      await grow(fleet, 2, fleet.nodes);
      await until(() => witness.heads.at(-1)?.["hash"] === fleet.best.blockHash);
      await play({ fleet, first, second, gateway, witness });
    },
  });
}

/** Makes blocks one by one at some of the nodes, each with two logs. */
async function grow(fleet: GethFleet, blocks: number, nodes: readonly FleetNode[]): Promise<void> {
  for (let i = 0; i < blocks; i++) {
    await fleet.build(fleet.best, 1);
    for (const node of nodes) await fleet.tell(node);
  }
}

/** Every block from the first told to the best one was told once, with its logs. */
async function assertWhole({ fleet, witness }: Scene): Promise<void> {
  await until(() => witness.heads.at(-1)?.["hash"] === fleet.best.blockHash);
  const numbers = witness.heads.map(({ number }) => Number(number));
  assertEquals(numbers, numbers.map((_, index) => (numbers[0] ?? 0) + index));
  const expected = await fleet.logsFrom((numbers[0] ?? 0) + 1);
  await until(() =>
    witness.logs.filter(({ blockNumber }) => Number(blockNumber) > (numbers[0] ?? 0)).length >= expected.length
  );
  assert(witness.logs.every(({ removed }) => removed === false), "no log was taken back");
  await witness.verify(fleet);
}

sceneTest("lasso-rpc#8: no block is lost when the node dies and the other one is behind", async (scene) => {
  const { fleet, first, second, gateway, witness } = scene;
  await grow(fleet, 5, [first]);
  await until(() => witness.heads.at(-1)?.["hash"] === fleet.best.blockHash);
  await fleet.kill(first);
  await gateway.waitForOutput(/Upstream lost/);
  // These blocks are made while the second node has not even the ones that were told.
  await grow(fleet, 3, []);
  await fleet.tell(second);
  await grow(fleet, 2, [second]);
  await assertWhole(scene);
});

sceneTest(
  "EkuboProtocol/indexer#164: what a head promises can be read, with a node that is 25 blocks behind",
  async (scene) => {
    const { fleet, first, second, gateway, witness } = scene;
    const readHead = async (): Promise<void> => {
      const head = witness.heads.at(-1);
      const at = { blockHash: head?.["hash"] };
      const block = await witness.call("eth_getBlockByHash", head?.["hash"], false) as { transactions: string[] };
      const answers = await Promise.all([
        witness.call("eth_getBlockByNumber", head?.["number"], true),
        witness.call("eth_getBlockReceipts", head?.["hash"]),
        witness.call("eth_getLogs", at),
        witness.call("eth_getLogs", { fromBlock: head?.["number"], toBlock: head?.["number"] }),
        witness.call("eth_call", { data: "0x4360005260206000f3" }, at),
        witness.call("eth_getBalance", `0x${"22".repeat(20)}`, head?.["number"]),
        ...block.transactions.map((hash) => witness.call("eth_getTransactionReceipt", hash)),
      ]);
      for (const [index, answer] of answers.entries()) {
        const code = (answer as { readonly code?: number } | null)?.code;
        assert(
          answer !== null && code === undefined,
          `answer ${index} of ${head?.["number"]}: ${JSON.stringify(answer)}`,
        );
      }
      assertEquals([(answers[2] as unknown[]).length, answers[4]], [
        2,
        `0x${BigInt(String(head?.["number"])).toString(16).padStart(64, "0")}`,
      ]);
    };
    for (let i = 0; i < 25; i++) {
      await grow(fleet, 1, [first]);
      await until(() => witness.heads.at(-1)?.["hash"] === fleet.best.blockHash);
      await readHead();
    }
    // The node that has the head dies: a read of it waits for the other one.
    await fleet.kill(first);
    await gateway.waitForOutput(/Upstream lost/);
    const reading = readHead();
    await fleet.tell(second);
    await reading;
    await assertWhole(scene);
  },
);

sceneTest("rindexer#455: a node that lags takes nothing back when it has to stand in", async (scene) => {
  const { fleet, first, second, gateway, witness } = scene;
  await grow(fleet, 4, [first]);
  await until(() => witness.heads.at(-1)?.["hash"] === fleet.best.blockHash);
  const height = Number(fleet.best.blockNumber);
  await fleet.kill(first);
  await gateway.waitForOutput(/Upstream lost/);
  assertEquals(Number(await witness.call("eth_blockNumber")), height, "the head does not go back");
  const range = { fromBlock: `0x${(height - 3).toString(16)}`, toBlock: "latest" };
  assertEquals(
    (await witness.call("eth_getLogs", range) as unknown[]).length,
    8,
    "the logs are those of the lost node",
  );
  // The second node comes on block by block, and is still behind for most of the way.
  for (let behind = 3; behind >= 0; behind--) {
    await fleet.tell(second, fleet.ancestor(behind));
    assertEquals(Number(await witness.call("eth_blockNumber")), height);
  }
  await grow(fleet, 2, [second]);
  await assertWhole(scene);
});
