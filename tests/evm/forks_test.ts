import { assertEquals, assertThrows } from "@std/assert";
import { forkHasEip, FORKS, isSince } from "../../src/evm/forks.ts";

Deno.test("forks come in the order of mainnet", () => {
  assertEquals(FORKS.filter((fork) => isSince(fork, "shanghai")), [
    "shanghai",
    "cancun",
    "prague",
    "osaka",
    ...["bpo1", "bpo2", "bpo3", "bpo4", "bpo5"],
  ]);
  assertEquals(FORKS[0], "chainstart");
});

Deno.test("an EIP holds from the fork on that brought it", () => {
  assertEquals([forkHasEip("istanbul", 2929), forkHasEip("berlin", 2929), forkHasEip("bpo2", 2929)], [
    false,
    true,
    true,
  ]);
  assertEquals([forkHasEip("prague", 7939), forkHasEip("osaka", 7939)], [false, true]);
});

Deno.test("an EIP that no fork brought is an error, not absent", () => {
  assertThrows(() => forkHasEip("osaka", 3074), RangeError, "EIP-3074 is not in the table of forks");
});
