// Runs every official state test, or those whose name or fork contains a text: `deno task vectors [TEXT]`. Without the
// archive it says so and ends with 1.

import { UnpackedArchive, vectorArchive } from "./archive.ts";
import { BlockRunEngine } from "./block_run_engine.ts";
import { ForkTable } from "./fork_table.ts";
import { readStateTests } from "./state_test_format.ts";
import { runStateTest } from "./verdict.ts";

const MAX_SHOWN_FAULTS = 50;

async function main(): Promise<number> {
  const archive = vectorArchive("eest_state_tests.tar.gz");
  if (archive === undefined) {
    console.error("eest_state_tests.tar.gz is not in ../shared/conformance/evm");
    return 1;
  }
  const wanted = Deno.args[0] ?? "";
  await using vectors = await UnpackedArchive.open(archive);
  const engine = new BlockRunEngine();
  const table = new ForkTable();
  for (const path of vectors.files()) {
    for (const test of readStateTests(await Deno.readTextFile(path))) {
      if (`${test.name} ${test.fork}`.includes(wanted)) table.count(test, await runStateTest(engine, test));
    }
  }
  engine.close();
  console.log(table.toString());
  for (const fault of table.faults.slice(0, MAX_SHOWN_FAULTS)) console.log(fault);
  return table.faults.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main();
