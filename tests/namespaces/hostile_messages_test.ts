import { assertEquals } from "@std/assert";
import { CheckedClient } from "../support/checked_client.ts";

const MIB = 1024 * 1024;
const ACCOUNT = "0x71562b71999873db5b286df957af199ec94617f7";
const BYTES = `0x${"ab".repeat(5 * MIB)}`;
const CALL = { from: ACCOUNT, to: ACCOUNT, data: BYTES };

/** A call with an argument of megabytes, and the beginning of what it is answered. */
const ROWS: readonly (readonly [method: string, params: readonly unknown[], answer: string])[] = [
  ["eth_call", [CALL, "latest"], "err: intrinsic gas too low: have 50000000, want 83907080 (supplied gas 50000000)"],
  ["eth_estimateGas", [CALL, "latest"], "gas required exceeds allowance (11500000)"],
  ["eth_createAccessList", [CALL, "latest"], "failed to apply transaction: 0x"],
  ["eth_fillTransaction", [CALL], "gas required exceeds allowance (11500000)"],
  [
    "eth_call",
    [{ to: ACCOUNT }, "latest", { [ACCOUNT]: { code: BYTES } }],
    "invalid argument 2: too much code in state",
  ],
  ["eth_sendRawTransaction", [BYTES], "rlp: input contains more than one value"],
  ["debug_traceCall", [CALL, "latest"], "tracing failed: intrinsic gas too low: have 50000000"],
  ["anvil_setCode", [ACCOUNT, BYTES], "code too long: 5242880 bytes, want at most 4194304"],
  ["anvil_loadState", [BYTES], "invalid state: expected gzipped JSON as anvil_dumpState gives it"],
  ["m".repeat(2 * MIB), [], "method name too long: 2097152 > 2048"],
];

Deno.test("No message of megabytes is worked on before others were served, and each limit names itself", async (t) => {
  using client = await CheckedClient.open();
  using other = await CheckedClient.open();
  for (const [method, params, answer] of ROWS) {
    await t.step(`${method.slice(0, 30)} ${answer.slice(0, 40)}`, async () => {
      let isAnswered = false;
      const asked = client.failure(method, ...params).finally(() => isAnswered = true);
      assertEquals(await other.call("eth_chainId"), "0x539");
      assertEquals(isAnswered, false);
      assertEquals((await asked).message.slice(0, answer.length), answer);
    });
  }
});
