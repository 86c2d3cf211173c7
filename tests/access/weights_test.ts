import { assert, assertEquals } from "@std/assert";
import { WEIGHTS, Weights } from "../../src/access/weights.ts";
import { covers } from "../../src/rpc/mod.ts";
import { testTables } from "../support/tables.ts";

Deno.test("Every word of the table is about a method that exists", () => {
  const names = testTables().flatMap(({ namespace, methods, subscriptions }) => [
    ...Object.keys(methods),
    ...subscriptions === undefined ? [] : [`${namespace}_subscribe`],
  ]);
  const idle = WEIGHTS.flatMap(({ words }) => words).filter((word) => !names.some((name) => covers([word], name)));
  assertEquals(idle, []);
});

Deno.test("A weight is found by the method, the beginning of it, or its namespace; own weights go first", () => {
  const weights = new Weights();
  const names = [
    "eth_blockNumber",
    "eth_call",
    "eth_getLogs",
    "debug_traceCall",
    "debug_getRawBlock",
    "rpc.discover",
    "x",
  ];
  assertEquals(names.map((name) => weights.of(name)), [1, 5, 10, 50, 20, 1, 1]);
  const own = new Weights({ eth: 2, "debug_*": 7, eth_getLogs: 100, debug_traceCall: 0 });
  assertEquals(names.map((name) => own.of(name)), [2, 2, 100, 0, 7, 1, 1]);
});

Deno.test("Names that clients make up take no memory without end", () => {
  const weights = new Weights();
  for (let index = 0; index < 100_000; index++) assertEquals(weights.of(`eth_callX${index}`), 1);
  assert(weights.of("eth_call") === 5);
});
