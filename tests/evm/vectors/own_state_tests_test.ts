import { assertEquals } from "@std/assert";
import { BlockRunEngine, type StateOver } from "./block_run_engine.ts";
import { ForkTable } from "./fork_table.ts";
import own from "./own_state_tests.json" with { type: "json" };
import { type StateTest, type StateTestJson, testsOf } from "./state_test_format.ts";
import { runStateTest } from "./verdict.ts";

// The roots and hashes in own_state_tests.json are those of geth 1.17.10 (`evm statetest`).

const TESTS = Object.entries(own).flatMap(([name, json]) => testsOf(name, json as unknown as StateTestJson));

const OVER: readonly (readonly [over: StateOver, where: string])[] = [
  ["nothing", ""],
  ["a base", ", waiting for a base that misses every first read"],
  ["attempts", ", in attempts over a base that misses every first read"],
];

for (const [over, where] of OVER) {
  Deno.test(`small programs end in geth's state root and logs in every fork${where}`, async () => {
    const engine = new BlockRunEngine(over);
    const table = new ForkTable();
    for (const test of TESTS) table.count(test, await runStateTest(engine, test));
    engine.close();
    console.log(table.toString());
    assertEquals(table.faults, []);
  });
}

function firstTest(): StateTest {
  const [test] = TESTS;
  if (test === undefined) throw new Error("there is no test");
  return test;
}

Deno.test("a state test fails for a wrong root, wrong logs, or an exception that is not raised", async () => {
  const engine = new BlockRunEngine();
  const test = firstTest();
  const { stateRoot, logsHash } = test.expected;
  const wrong = `0x${"11".repeat(32)}` as const;
  const faultOf = (changes: Partial<StateTest>) => runStateTest(engine, { ...test, ...changes });
  assertEquals(
    await faultOf({ expected: { stateRoot: wrong, logsHash } }),
    `state root ${stateRoot} instead of ${wrong}`,
  );
  assertEquals(
    await faultOf({ expected: { stateRoot, logsHash: wrong } }),
    `logs hash ${logsHash} instead of ${wrong}`,
  );
  assertEquals(await faultOf({ exceptions: ["SENDER_NOT_EOA"] }), "executed instead of SENDER_NOT_EOA");
  const poor = { pre: [], exceptions: ["SENDER_NOT_EOA"] };
  assertEquals(await faultOf(poor), "refused with insufficientFunds instead of SENDER_NOT_EOA");
  assertEquals(await faultOf({ ...poor, exceptions: ["SENDER_NOT_EOA", "INSUFFICIENT_ACCOUNT_FUNDS"] }), undefined);
  engine.close();
});
