import { assertEquals } from "@std/assert";
import { stopHeavyWork } from "../../../src/crypto/heavy.ts";
import { type Fork, FORKS } from "../../../src/evm/forks.ts";
import { precompilesOf } from "../../../src/evm/precompiles/table.ts";
import own from "./own_vectors.json" with { type: "json" };
import { addressOf, checkVector } from "./vectors.ts";

// The outputs and faults in own_vectors.json are geth 1.17.10's answers to eth_call.

Deno.test("each precompiled contract has geth's output, or geth's text for a wrong input", async (t) => {
  for (const [index, vector] of own.entries()) {
    const { address, fork, input } = vector;
    const result = vector.fault === undefined ? vector.output ?? "" : vector.fault;
    await t.step(`0x${address.toString(16)} in ${fork}, ${index}: ${result.slice(0, 40)}`, () =>
      checkVector({
        ...{ name: `${index}`, address: addressOf(address), fork: fork as Fork, input, gas: undefined },
        expected: vector.fault === undefined ? { output: vector.output ?? "" } : { fault: vector.fault },
      }));
  }
  stopHeavyWork();
});

Deno.test("forks bring precompiled contracts and never take one away", () => {
  const counts = FORKS.map((fork) => [fork, precompilesOf(fork).size] as const)
    .filter(([, size], index, all) => index === 0 || size !== all[index - 1]?.[1]);
  assertEquals(counts, [["chainstart", 4], ["byzantium", 8], ["istanbul", 9], ["cancun", 10], ["prague", 17], [
    "osaka",
    18,
  ]]);
});

Deno.test("a price changes with the fork that changes it", () => {
  const pairs = new Uint8Array(2 * 192);
  const price = (fork: Fork, address: number, input: Uint8Array) =>
    precompilesOf(fork).get(addressOf(address))?.gas(input);
  assertEquals([price("byzantium", 8, pairs), price("istanbul", 8, pairs)], [260_000, 113_000]);
  const modExp = new Uint8Array(96 + 3);
  for (const at of [31, 63, 95]) modExp[at] = 1;
  assertEquals(["byzantium", "berlin", "osaka"].map((fork) => price(fork as Fork, 5, modExp)), [0, 200, 500]);
});

Deno.test("operands of MODEXP that nobody can pay for have no price", () => {
  const input = new Uint8Array(96).fill(0xff);
  assertEquals(precompilesOf("osaka").get(addressOf(5))?.gas(input), Infinity);
});
