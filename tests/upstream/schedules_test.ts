import { assert, assertEquals } from "@std/assert";
import { ModelNetwork } from "./model_network.ts";

const SCHEDULES = 2_000;
const STEPS = 25;

async function run(seed: number): Promise<{ readonly answers: number; readonly refusals: number }> {
  const network = new ModelNetwork(seed);
  const { witness } = network;
  try {
    await network.begin();
    for (let i = 0; i < STEPS && witness.fault === null; i++) await network.step();
    await network.heal();
    if (witness.fault !== null) throw witness.fault;
    assertEquals(witness.chain.at(-1)?.hash, network.best.hash, "the gateway stands at the best head");
    assertEquals(witness.lost, 0);
    return witness;
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error });
  } finally {
    network.stop();
  }
}

Deno.test(`${SCHEDULES} random schedules of faults: no block is lost or doubled, and no read is older than the head`, async () => {
  let answers = 0;
  let refusals = 0;
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const outcome = await run(seed);
    answers += outcome.answers;
    refusals += outcome.refusals;
  }
  assert(answers > 10 * refusals, `${answers} answers and ${refusals} refusals: most questions are answered`);
});

Deno.test("A gateway is fresh while its chain keeps its rhythm, and when it has found it again", async () => {
  const network = new ModelNetwork(3);
  try {
    assertEquals(network.gateway.isFresh(), false, "there is no head yet");
    await network.begin();
    // The blocks are one second apart, by their own times.
    assertEquals(network.gateway.isFresh(), true);
    await network.clock.advance(60_000);
    assertEquals(network.gateway.isFresh(), false, "a minute without a block");
    await network.heal();
    assertEquals(network.gateway.isFresh(), true);
  } finally {
    network.stop();
  }
});
