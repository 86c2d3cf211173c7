import { assertEquals, assertGreater } from "@std/assert";
import { callsOn, CONTRACT, worldWith } from "./fixture.ts";

/** Leaves on the stack how much gas CREATE or CREATE2 of two bytes took, and returns it with the created address. */
function creation(initCode: string, op: "create" | "create2"): string {
  const create = op === "create" ? "6002601e5ff0" : "60426002601e5ff5";
  return `61${initCode}5f52` + "5a" + create + "602052" + "5a9003" + "5f5260405ff3";
}

async function outcome(initCode: string, op: "create" | "create2"): Promise<{ gas: bigint; address: bigint }> {
  const result = await callsOn(worldWith(creation(initCode, op))).call({ to: CONTRACT, gas: 1_000_000n });
  return { gas: BigInt(result.slice(0, 66)), address: BigInt(`0x${result.slice(66)}`) };
}

for (const op of ["create", "create2"] as const) {
  Deno.test(`Init code that begins with 0xef00 burns the gas of ${op} as any invalid instruction does`, async () => {
    const { gas, address } = await outcome("ef00", op);
    assertEquals(address, 0n);
    assertEquals(gas, (await outcome("efff", op)).gas);
    assertGreater(gas, 900_000n);
  });

  Deno.test(`Init code that does not begin with 0xef00 is run by ${op}`, async () => {
    const { gas, address } = await outcome("5f00", op);
    assertGreater(address, 0n);
    assertEquals(gas < 50_000n, true);
  });
}
