import { assertEquals } from "@std/assert";
import { Random } from "../../support/random.ts";
import { UnpackedArchive, vectorArchive } from "./archive.ts";
import { BlockRunEngine } from "./block_run_engine.ts";
import { ForkTable } from "./fork_table.ts";
import { readStateTests } from "./state_test_format.ts";
import { runStateTest } from "./verdict.ts";

const archive = vectorArchive("eest_state_tests.tar.gz");
const SEED = 1;
/** The chance of a test to be in the sample; `deno task vectors` runs all of them, which takes two minutes. */
const SHARE = 0.1;
/** How many tests of a file are in the sample on average, at least. */
const MIN_PER_FILE = 3;

for (const over of ["nothing", "attempts"] as const) {
  Deno.test({
    name:
      `official state tests: a sample of each file ends in the state root and the logs, or the exception, that it names${
        over === "attempts" ? ", over a base that misses every first read" : ""
      }`,
    ignore: archive === undefined,
    async fn() {
      if (archive === undefined) return;
      await using vectors = await UnpackedArchive.open(archive);
      const random = new Random(SEED);
      const engine = new BlockRunEngine(over);
      const table = new ForkTable();
      for (const path of vectors.files()) {
        const tests = readStateTests(await Deno.readTextFile(path));
        const share = Math.max(SHARE, MIN_PER_FILE / tests.length);
        for (const test of tests) {
          if (random.chance(share)) table.count(test, await runStateTest(engine, test));
        }
      }
      engine.close();
      console.log(table.toString());
      assertEquals(table.faults, []);
    },
  });
}
