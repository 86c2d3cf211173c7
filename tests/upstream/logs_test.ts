import { assertEquals } from "@std/assert";
import { readAddress } from "../../src/upstream/address.ts";
import { createUpstreamNode } from "../../src/upstream/mod.ts";
import { FakeClock, settledPromises } from "../support/fake_clock.ts";
import { BlockTree, type TreeBlock } from "./block_tree.ts";
import { ScriptedUpstream } from "./scripted_upstream.ts";

/** Blocks on a parent, each with one log; the last one. */
function grow(tree: BlockTree, parent: TreeBlock, blocks: number): TreeBlock {
  let block = parent;
  for (let i = 0; i < blocks; i++) block = tree.child(block, 1);
  return block;
}

Deno.test("Logs of blocks that the gateway does not keep are of the branch of those that it keeps", async () => {
  const clock = new FakeClock(settledPromises);
  const tree = new BlockTree(1);
  const fork = grow(tree, tree.genesis, 5);
  // The first node is on another branch of the same height, and comes when the second one is followed already.
  const nodes = [new ScriptedUpstream(tree, clock), new ScriptedUpstream(tree, clock)];
  const head = grow(tree, fork, 5);
  nodes[0]?.setHead(grow(tree, fork, 5));
  nodes[0]?.kill();
  nodes[1]?.setHead(head);
  const gateway = createUpstreamNode({
    upstreams: nodes.map((_, index) => ({
      name: `node${index}`,
      address: readAddress(`ws://node${index}`),
      priority: 0,
      timeoutMs: 1_000,
    })),
    chainId: 1n,
    waitMs: 5_000,
    cacheBytes: 2 ** 20,
    log: { info() {}, warn() {} },
    onLost() {},
    clock,
    random: () => 0.5,
    connector: ({ grant }) => (nodes[Number(grant.slice(4, 5))] ?? new ScriptedUpstream(tree, clock)).connect(),
  });
  try {
    await clock.advance(1_000);
    if (nodes[0] !== undefined) nodes[0].isUp = true;
    await clock.advance(5_000);
    assertEquals(gateway.upstreams().map(({ state, isLeader }) => [state, isLeader]), [["ready", false], [
      "ready",
      true,
    ]]);
    assertEquals(await gateway.blocks.headNumber(), "0xa");
    const range = { addresses: [], topics: [], fromBlock: { number: 3n }, toBlock: { tag: "latest" } } as const;
    const logs = await gateway.blocks.logs(range, { maxBlockRange: 0, maxAlternatives: 0 });
    const expected = Array.from({ length: 8 }, (_, index) => tree.ancestor(head, 3 + index)?.hash);
    assertEquals((logs.decode() as { blockHash: string }[]).map(({ blockHash }) => blockHash), expected as string[]);
  } finally {
    gateway.close();
  }
});
