import { assertEquals, assertThrows } from "@std/assert";
import { checkFeeCap } from "../../src/namespaces/fee_cap.ts";
import { RpcError } from "../../src/rpc/error.ts";

const ETHER = 10n ** 18n;

Deno.test("The fee cap admits a fee up to the cap, and any fee when it is 0", () => {
  checkFeeCap(ETHER, ETHER);
  checkFeeCap(1000n * ETHER, 0n);
});

Deno.test("The fee cap refuses with geth's text, two digits rounded as Go rounds", () => {
  const cases = [
    [ETHER * 3n / 2n, ETHER, "tx fee (1.50 ether) exceeds the configured cap (1.00 ether)"],
    [ETHER + 1n, ETHER, "tx fee (1.00 ether) exceeds the configured cap (1.00 ether)"],
    [1_125n * 10n ** 15n, ETHER / 100n, "tx fee (1.12 ether) exceeds the configured cap (0.01 ether)"],
    [1_135n * 10n ** 15n + 1n, ETHER / 2n, "tx fee (1.14 ether) exceeds the configured cap (0.50 ether)"],
    [10n ** 40n, ETHER, `tx fee (1${"0".repeat(22)}.00 ether) exceeds the configured cap (1.00 ether)`],
  ] as const;
  for (const [fee, cap, message] of cases) {
    const error = assertThrows(() => checkFeeCap(fee, cap), RpcError);
    assertEquals([error.code, error.message], [-32000, message]);
  }
});
