import { assertEquals } from "@std/assert";
import type { Fork } from "../../../src/evm/forks.ts";
import { toolTest } from "../../support/tools.ts";
import { chainOf, startGeth, startSallyport } from "./peers.ts";
import { KINDS } from "./questions.ts";
import { fuzz, type Mismatch } from "./run.ts";

const FORKS = [
  "chainstart",
  "spuriousDragon",
  "byzantium",
  "istanbul",
  "berlin",
  "london",
  "cancun",
  "osaka",
] as Fork[];
/** A thousand in all; `deno task fuzz:evm` runs as many as one likes. */
const PROGRAMS_PER_FORK = 125;
const FIRST_SEED = 20_000;

for (const fork of FORKS) {
  toolTest("geth", {
    name: `random programs end, cost, fail and are traced as in geth: ${fork}`,
    async fn(program) {
      await using geth = await startGeth(program, chainOf(fork));
      await using own = await startSallyport(chainOf(fork));
      const mismatches: Mismatch[] = [];
      await fuzz({ geth, own }, {
        ...{ fork, firstSeed: FIRST_SEED, count: PROGRAMS_PER_FORK, kinds: KINDS },
        onMismatch: (mismatch) => mismatches.push(mismatch),
      });
      assertEquals(mismatches.map(({ seed, problem }) => `--fork ${fork} --seed ${seed} --count 1: ${problem}`), []);
    },
  });
}
