import { assert, assertEquals } from "@std/assert";
import { nodesIn, Packs } from "../../../src/chain/journal/packs.ts";
import { Sweep } from "../../../src/chain/journal/sweep.ts";
import { Random } from "../../support/random.ts";
import { unreachable } from "../../support/unreachable.ts";
import { type TestChain, testChain } from "../fixture.ts";
import { ChainFolder, portrait } from "./stored_chain.ts";

const KEEPER = `0x${"5e".repeat(20)}` as const;
/** Stores calldata[32..64] at calldata[0..32]. */
const KEEPER_CODE = "0x6020358060003555";

function word(value: number): string {
  return value.toString(16).padStart(64, "0");
}

/** Sends transactions that change slots, some of them back to an earlier value. */
async function store(chain: TestChain, { random, count }: { random: Random; count: number }): Promise<void> {
  for (let i = 0; i < count; i++) {
    const input = `0x${word(random.below(64))}${word(random.below(4))}` as const;
    await chain.send(1 + random.below(5), { to: KEEPER, input, gas: 100_000n });
  }
}

/** The bytes of all nodes on disk. */
function nodeBytes(database: Awaited<ReturnType<ChainFolder["database"]>>): number {
  return Number(database.prepare("SELECT sum(length(nodes)) AS bytes FROM pack").get()?.["bytes"]);
}

Deno.test("The nodes that no kept state needs are removed, and every kept state stays", async () => {
  await using folder = new ChainFolder();
  const random = new Random(1);
  const chain = await folder.open({ gcmode: "full" });
  await chain.node.dev.setCode(KEEPER, KEEPER_CODE);
  await store(chain, { random, count: 20 });
  await chain.node.dev.snapshot();
  await store(chain, { random, count: 180 });
  await chain.node.dev.reorg(2, []);
  const before = await portrait(chain);
  chain.node.close();
  await folder.closed();

  const database = await folder.database(unreachable("onError"), { sweptBytes: 0 });
  const [bytes, packs] = [nodeBytes(database), new Packs(database, 2 ** 20)];
  const sweep = new Sweep(database, packs);
  sweep.committed();
  await sweep.idle;
  const left = nodeBytes(database);
  assert(left < bytes * 0.8, `${left} of ${bytes} bytes are left`);
  // There is nothing more to remove.
  sweep.committed();
  await sweep.idle;
  assertEquals(nodeBytes(database), left);
  await folder.closed();

  using again = await folder.open({ gcmode: "full" });
  assertEquals(await portrait(again), before);
  assertEquals(await again.node.dev.revert("0x1"), true);
  assertEquals(await again.head(), 20n);
});

Deno.test("A chain goes on while nodes are removed under it, and can be reset and reverted", async () => {
  await using folder = new ChainFolder();
  const random = new Random(2);
  const options = { gcmode: "full" } as const;
  const database = await folder.database(unreachable("onError"), { sweptBytes: 1 });
  const chain = await testChain({ ...options, database });
  using twin = await testChain(options);
  const both = async (act: (chain: TestChain, random: Random) => Promise<unknown>) => {
    const seed = random.below(1e9);
    for (const one of [chain, twin]) await act(one, new Random(seed));
  };
  await both(({ node: { dev } }) => dev.setCode(KEEPER, KEEPER_CODE));
  for (let round = 0; round < 14; round++) {
    await both((one, random) => store(one, { random, count: 20 }));
    if (round % 4 === 1) await both(({ node: { dev } }) => dev.snapshot());
    if (round % 4 === 2) await both(({ node: { dev } }) => dev.reorg(3, []));
    if (round % 4 === 3) {
      await both(({ node: { dev } }, random) => dev.revert(`0x${(1 + random.below(3)).toString(16)}`));
    }
    if (round === 2) {
      await both(({ node: { dev } }) => dev.reset());
      await both(({ node: { dev } }) => dev.setCode(KEEPER, KEEPER_CODE));
    }
    if (round === 6) assertEquals(await portrait(chain), await portrait(twin), `round ${round}`);
  }
  const packs = database.prepare("SELECT nodes FROM pack").all().map(({ nodes }) => nodesIn(nodes as Uint8Array));
  assert(packs.some((nodes) => nodes.some(({ length }) => length === 0)), "nodes were removed meanwhile");
  chain.node.close();
  await folder.closed();
  using again = await folder.open(options);
  assertEquals(await portrait(again), await portrait(twin));
});
