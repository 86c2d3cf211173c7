import { assertEquals } from "@std/assert";
import { returned } from "./program.ts";

/** PUSHes of offsets: one that a memory could have, one that none has. */
const FAR_OFFSETS = ["637fffffff", `7f${"ff".repeat(32)}`];
const RETURN_MEMORY_SIZE = "595f5260205ff3";

/** Instructions with a range of no bytes, at an offset that no memory has. */
function programs(far: string): Readonly<Record<string, string>> {
  return {
    KECCAK256: `5f${far}2050`,
    CALLDATACOPY: `5f5f${far}37`,
    CODECOPY: `5f5f${far}39`,
    EXTCODECOPY: `5f5f${far}303c`,
    RETURNDATACOPY: `5f5f${far}3e`,
    MCOPY: `5f${far}${far}5e`,
    LOG1: `5f5f${far}a1`,
    CREATE: `5f${far}5ff050`,
    CREATE2: `5f5f${far}5ff550`,
    "STATICCALL of an account": `5f${far}5f${far}615afa5afa50`,
    "STATICCALL of the identity contract": `5f${far}5f${far}60045afa50`,
    "STATICCALL of SHA-256": `5f${far}5f${far}60025afa50`,
    "STATICCALL of RIPEMD-160": `5f${far}5f${far}60035afa50`,
  };
}

for (const name of Object.keys(programs(""))) {
  Deno.test(`${name} of no bytes takes any offset, and no memory`, async () => {
    for (const far of FAR_OFFSETS) {
      const output = await returned(`${programs(far)[name]}${RETURN_MEMORY_SIZE}`);
      assertEquals(BigInt(`0x${output.toHex()}`), 0n, far);
    }
  });
}

Deno.test("RETURN of no bytes takes any offset", async () => {
  for (const far of FAR_OFFSETS) assertEquals(await returned(`5f${far}f3`), new Uint8Array(0));
});
