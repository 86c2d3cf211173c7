import { assert, assertEquals } from "@std/assert";
import type { TraceCallOptions } from "../../../../src/eth/types.ts";
import { callTo, REVERTS_ABC } from "../../assembly.ts";
import { testChain } from "../../fixture.ts";
import { BOB, CODE, codes, MORE_CODE, type StructLog, type StructTrace, traceCall } from "./fixture.ts";

const WORD_1 = `0x${"1".padStart(64, "0")}`;
const WORD_2 = `0x${"2".padStart(64, "0")}`;

async function logsOf(code: string, options: TraceCallOptions = {}): Promise<readonly StructLog[]> {
  using chain = await testChain();
  const trace = await traceCall<StructTrace>(chain, { to: CODE, gas: 100_000n }, {
    ...codes([CODE, code], [MORE_CODE, REVERTS_ABC]),
    ...options,
  });
  return trace.structLogs;
}

Deno.test("Struct logger shows each instruction before it runs, and the STOP after the last", async () => {
  assertEquals(await logsOf("60015f01"), [
    { pc: 0, op: "PUSH1", gas: 79_000, gasCost: 3, depth: 1, stack: [] },
    { pc: 2, op: "PUSH0", gas: 78_997, gasCost: 2, depth: 1, stack: ["0x1"] },
    { pc: 3, op: "ADD", gas: 78_995, gasCost: 3, depth: 1, stack: ["0x1", "0x0"] },
    { pc: 4, op: "STOP", gas: 78_992, gasCost: 0, depth: 1, stack: ["0x1"] },
  ]);
});

Deno.test("Struct logger tells what a transaction cost and returned", async () => {
  using chain = await testChain();
  const fine = await traceCall<StructTrace>(chain, { to: CODE }, codes([CODE, "60015f5260205ff3"]));
  assertEquals([fine.gas, fine.failed, fine.returnValue], [21_016, false, WORD_1]);
  const reverted = await traceCall<StructTrace>(chain, { to: CODE }, codes([CODE, REVERTS_ABC]));
  assertEquals([reverted.failed, reverted.returnValue.slice(0, 10)], [true, "0x08c379a0"]);
  const halted = await traceCall<StructTrace>(chain, { to: CODE, gas: 30_000n }, codes([CODE, "fe"]));
  assertEquals([halted.gas, halted.failed, halted.returnValue], [30_000, true, "0x"]);
});

Deno.test("Gas cost of a call holds what the callee gets, that of a creation does not", async () => {
  const logs = await logsOf(callTo(BOB, { gas: 5_000 }) + callTo(BOB, { gas: 5_000 }) + "60035f5ff000");
  const costs = logs.filter(({ op }) => op === "CALL" || op === "CREATE").map(({ gasCost }) => gasCost);
  // Cold and warm account (EIP-2929); creation with one word of memory and of init code (EIP-3860).
  assertEquals(costs, [2_600 + 5_000, 100 + 5_000, 32_000 + 3 + 2]);
});

Deno.test("Struct logger shows memory as it was before the instruction made it grow", async () => {
  const logs = await logsOf("60025f5200", { enableMemory: true, disableStack: true });
  assertEquals(logs.map(({ op, memory }) => [op, memory]), [
    ["PUSH1", undefined],
    ["PUSH0", undefined],
    ["MSTORE", undefined],
    ["STOP", [WORD_2]],
  ]);
  assertEquals(logs.some((log) => "stack" in log), false);
});

Deno.test("Struct logger shows all slots of the contract that were touched so far, where one is", async () => {
  const code = "60015f55" + "60026001" + "55" + "5f545000";
  const [zero, one] = [`0x${"0".repeat(64)}`, WORD_1] as const;
  const touched = (await logsOf(code)).flatMap(({ op, storage }) => storage === undefined ? [] : [[op, storage]]);
  assertEquals(touched, [
    ["SSTORE", { [zero]: WORD_1 }],
    ["SSTORE", { [zero]: WORD_1, [one]: WORD_2 }],
    ["SLOAD", { [zero]: WORD_1, [one]: WORD_2 }],
  ]);
  assertEquals((await logsOf(code, { disableStorage: true })).some((log) => "storage" in log), false);
});

Deno.test("Struct logger shows the data that a callee returned, when asked to", async () => {
  const code = callTo(MORE_CODE) + "00";
  const last = (await logsOf(code, { enableReturnData: true })).at(-1);
  assertEquals([last?.op, last?.returnData?.slice(0, 10)], ["STOP", "0x08c379a0"]);
  assertEquals((await logsOf(code)).some((log) => "returnData" in log), false);
});

Deno.test("Struct logger counts the refund of an SSTORE in, as geth's gas functions do", async () => {
  const logs = await logsOf("60015f555f5f5500");
  assertEquals(logs.map(({ op, refund }) => [op, refund]).slice(-2), [["SSTORE", 19_900], ["STOP", 19_900]]);
});

Deno.test("Struct logger names why an instruction cannot run", async () => {
  const error = async (code: string) => (await logsOf(code)).at(-1)?.error;
  assertEquals(await error("01"), "stack underflow (0 <=> 2)");
  assertEquals(await error("5b5f56"), "out of gas");
  // What is no instruction is shown before geth knows that it is none.
  assertEquals(await logsOf("0c"), [
    { pc: 0, op: "opcode 0xc not defined", gas: 79_000, gasCost: 0, depth: 1, stack: [] },
  ]);
});

Deno.test("Struct logger stops showing instructions once it is over its limit", async () => {
  const whole = await logsOf("5f5f5f5f00");
  const limit = JSON.stringify(whole[0]).length;
  assertEquals(await logsOf("5f5f5f5f00", { limit }), whole.slice(0, 2));
  assertEquals((await logsOf("5f5f5f5f00", { limit: 0 })).length, 5);
});

Deno.test("A trace that would fill the memory is refused", async () => {
  using chain = await testChain();
  const error = await traceCall(chain, { to: CODE }, {
    timeout: "5m",
    enableMemory: true,
    ...codes([CODE, "5b5f618000525f56"]),
  })
    .then(() => null, (error: Error) => error.message);
  assert(error?.startsWith("trace too large: "), String(error));
});
