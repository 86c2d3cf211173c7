import { assertEquals } from "@std/assert";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { KeptState } from "../../src/upstream/kept_state.ts";

const HEAD = 1_000n;

/** The lowest of some heights that should be there. */
function lowest(kept: KeptState): bigint | undefined {
  return [0n, 500n, 871n, 872n, 873n, 950n, 999n].find((height) => kept.has(height, HEAD));
}

Deno.test("KeptState believes the operator, then eth_capabilities, then what an upstream refuses", () => {
  assertEquals(lowest(new KeptState(undefined)), 0n);
  assertEquals(lowest(new KeptState(true)), 0n);
  assertEquals(lowest(new KeptState(false)), 873n);

  const told = new KeptState(undefined);
  told.learn(
    RawJson.of({ state: { oldestBlock: "0x0", deleteStrategy: { type: "window", retentionBlocks: "0x80" } } }),
  );
  assertEquals(lowest(told), 873n);
  const bounded = new KeptState(undefined);
  bounded.learn(RawJson.of({ state: { oldestBlock: "0x1f4" } }));
  assertEquals(lowest(bounded), 500n);

  const learnt = new KeptState(undefined);
  learnt.lacks(900n, HEAD);
  assertEquals(lowest(learnt), 950n);
  learnt.lacks(HEAD, HEAD);
  assertEquals(lowest(learnt), 950n, "a state that is missing at the head says nothing about the past");

  const described = new KeptState(true);
  described.lacks(500n, HEAD);
  assertEquals(lowest(described), 0n);
});

Deno.test("KeptState ignores capabilities that it does not understand", () => {
  for (const odd of [null, {}, { state: {} }, { state: { oldestBlock: 7, deleteStrategy: "none" } }]) {
    const kept = new KeptState(undefined);
    kept.learn(RawJson.of(odd));
    assertEquals(lowest(kept), 0n);
  }
});
