import { assertEquals } from "@std/assert";
import { devTables } from "../../../src/namespaces/dev/tables.ts";
import type { BlockReader, DevControl } from "../../../src/node/mod.ts";
import { RawJson } from "../../../src/rpc/raw_json.ts";
import { TestClient } from "../../support/test_client.ts";
import { recorder } from "../../support/recorder.ts";

const ADDRESS = `0x${"aa".repeat(20)}`;
const HASH = `0x${"bb".repeat(32)}`;

function client(answers: { readonly [method: string]: unknown } = {}) {
  const { role, calls } = recorder<DevControl>(answers);
  const { role: blocks } = recorder<BlockReader>(answers);
  const logged: boolean[] = [];
  const caller = new TestClient([
    ...devTables({
      dev: role,
      node: { blocks },
      clientVersion: "Sallyport/test",
      logCalls: (enabled) => logged.push(enabled),
    }),
  ]);
  return { caller, calls, logged };
}

/** What is asked besides that it ends with its caller. */
function withoutSignal(argument: unknown): unknown[] {
  if (argument instanceof AbortSignal) return [];
  if (!(argument instanceof Object) || !("signal" in argument)) return [argument];
  const { signal: _, ...rest } = argument;
  return [rest];
}

/** Each method, its arguments, and what it asks of the chain. */
const ASKED: readonly (readonly [method: string, params: readonly unknown[], ...asked: unknown[]])[] = [
  ["anvil_mine", [], "mine", 1n, { interval: undefined }],
  ["anvil_mine", [null, null], "mine", 1n, { interval: undefined }],
  ["hardhat_mine", ["0x3", 5], "mine", 3n, { interval: 5n }],
  ["evm_mine", [], "mineWith", {}],
  ["evm_mine", ["0x77"], "mineWith", { timestamp: 0x77n }],
  ["evm_mine", [{ timestamp: 99, blocks: "2" }], "mineWith", { timestamp: 99n, blocks: 2n }],
  ["evm_setAutomine", [false], "setAutomine", false],
  ["evm_setIntervalMining", ["12"], "setIntervalMining", 12],
  ["evm_setIntervalMining", ["0xffffffffffffffff"], "setIntervalMining", Number.MAX_SAFE_INTEGER],
  ["anvil_setNextBlockTimestamp", ["123"], "setNextBlockTimestamp", 123n],
  ["anvil_setBlockTimestampInterval", [7], "setBlockTimestampInterval", 7n],
  ["hardhat_setBlockTimestampInterval", [7999], "setBlockTimestampInterval", 7n],
  ["evm_setBlockGasLimit", [30_000_000], "setBlockGasLimit", 30_000_000n],
  ["hardhat_setCoinbase", [ADDRESS], "setCoinbase", ADDRESS],
  ["hardhat_setNextBlockBaseFeePerGas", ["0x0"], "setNextBlockBaseFeePerGas", 0n],
  ["hardhat_setMinGasPrice", ["0x5"], "setMinGasPrice", 5n],
  ["hardhat_setPrevRandao", [HASH], "setNextBlockPrevRandao", HASH],
  ["anvil_setChainId", [5], "setChainId", 5n],
  ["evm_setAccountBalance", [ADDRESS, `0x${"f".repeat(64)}`], "setBalance", ADDRESS, 2n ** 256n - 1n],
  ["anvil_addBalance", [ADDRESS, "0x08"], "addBalance", ADDRESS, 8n],
  ["hardhat_setNonce", [ADDRESS, "0x2"], "setNonce", ADDRESS, 2n],
  ["hardhat_setCode", [ADDRESS, "0xFE"], "setCode", ADDRESS, "0xfe"],
  ["hardhat_setStorageAt", [ADDRESS, "0x5", HASH], "setStorageAt", ADDRESS, `0x${"0".repeat(63)}5`, HASH],
  ["hardhat_setStorageAt", [ADDRESS, HASH, HASH], "setStorageAt", ADDRESS, HASH, HASH],
  ["hardhat_impersonateAccount", [ADDRESS], "impersonate", ADDRESS],
  ["hardhat_stopImpersonatingAccount", [ADDRESS], "stopImpersonating", ADDRESS],
  ["anvil_autoImpersonateAccount", [true], "setAutoImpersonate", true],
  ["anvil_dropAllTransactions", [], "dropAllTransactions"],
  ["anvil_removePoolTransactions", [ADDRESS], "removePoolTransactions", ADDRESS],
  ["evm_revert", ["0x0a"], "revert", "0xa"],
  ["anvil_reorg", [2], "reorg", 2, []],
  ["anvil_reorg", ["0x2", [["0xAB", 0], [{ from: ADDRESS }, "0x1"]]], "reorg", 2, [
    { transaction: "0xab", offset: 0 },
    { transaction: { from: ADDRESS }, offset: 1 },
  ]],
  ["anvil_rollback", [], "rollback", 1],
  ["anvil_rollback", [3], "rollback", 3],
  ["anvil_reset", [], "reset", undefined],
  ["anvil_reset", [null], "reset", undefined],
  ["hardhat_reset", [{}], "reset", { url: undefined, blockNumber: undefined }],
  ["anvil_reset", [{ jsonRpcUrl: "http://x", blockNumber: "7" }], "reset", { url: "http://x", blockNumber: 7n }],
  ["hardhat_reset", [{ forking: { jsonRpcUrl: "http://x" } }], "reset", { url: "http://x", blockNumber: undefined }],
  ["anvil_setRpcUrl", ["http://x"], "setRpcUrl", "http://x"],
  // What viem's `reset()` sends: JSON turns its NaN into null.
  ["hardhat_reset", [{ forking: { blockNumber: null } }], "reset", { url: undefined, blockNumber: undefined }],
  ["anvil_dumpState", [], "dumpState", false],
  ["anvil_dumpState", [true], "dumpState", true],
  ["anvil_loadState", ["0x1f8b"], "loadState", "0x1f8b"],
];

Deno.test("Every row reads its arguments leniently and asks one thing of the chain", async () => {
  for (const [method, params, ...asked] of ASKED) {
    const { caller, calls } = client({ revert: true, dumpState: "0x", loadState: true });
    await caller.result(method, params);
    assertEquals(calls.map((call) => call.flatMap(withoutSignal)), [asked], method);
    caller[Symbol.dispose]();
  }
});

Deno.test("The answers are anvil's, and Hardhat's under its names", async () => {
  const { caller } = client({
    mineDetailed: RawJson.of([{ number: "0x1" }]),
    automine: true,
    intervalMining: null,
    setTime: new RawJson("7"),
    genesisTime: new RawJson("1700000000"),
    removeBlockTimestampInterval: false,
    dropTransaction: null,
    snapshot: "0x1",
    revert: false,
    stopImpersonating: false,
    receipt: null,
  });
  const answers: readonly (readonly [method: string, params: readonly unknown[], answer: unknown])[] = [
    ["anvil_mine", [], null],
    ["evm_mine", [], "0x0"],
    ["evm_mine_detailed", [], [{ number: "0x1" }]],
    ["hardhat_getAutomine", [], true],
    ["anvil_getIntervalMining", [], null],
    ["evm_setTime", [1], 7],
    ["anvil_getGenesisTime", [], 1_700_000_000],
    ["anvil_removeBlockTimestampInterval", [], false],
    ["evm_setBlockGasLimit", [1], true],
    ["hardhat_setStorageAt", [ADDRESS, 0, HASH], true],
    ["anvil_dropTransaction", [HASH], null],
    ["hardhat_dropTransaction", [HASH], false],
    ["evm_snapshot", [], "0x1"],
    ["evm_revert", [9], false],
    ["anvil_stopImpersonatingAccount", [ADDRESS], null],
    ["hardhat_stopImpersonatingAccount", [ADDRESS], false],
    ["anvil_setBalance", [ADDRESS, 0], null],
    ["evm_setAccountBalance", [ADDRESS, 0], null],
    ["hardhat_setBalance", [ADDRESS, 0], true],
    ["hardhat_mine", [], true],
    ["hardhat_reset", [], true],
  ];
  for (const [method, params, answer] of answers) assertEquals(await caller.result(method, params), answer, method);
  caller[Symbol.dispose]();
});

Deno.test("Bad arguments are refused in the wording of the rest of the server", async () => {
  const { caller, calls } = client();
  const refusals: readonly (readonly [method: string, params: readonly unknown[], message: string])[] = [
    ["anvil_setBalance", [ADDRESS, "-1"], 'invalid argument 1: invalid hex or decimal integer "-1"'],
    ["anvil_setBalance", [ADDRESS, `0x1${"0".repeat(64)}`], "invalid argument 1: invalid hex or decimal integer"],
    ["anvil_setBalance", [ADDRESS, 1.5], 'invalid argument 1: invalid hex or decimal integer "1.5"'],
    ["hardhat_setBalance", [ADDRESS], "missing value for required argument 1"],
    ["evm_increaseTime", [-5], 'invalid argument 0: invalid hex or decimal integer "-5"'],
    ["evm_mine", [[]], 'invalid argument 0: invalid hex or decimal integer "array"'],
    ["evm_mine", [{ blocks: "x" }], 'invalid argument 0: invalid hex or decimal integer "x"'],
    ["evm_setAutomine", ["x"], "invalid argument 0: json: cannot unmarshal string into Go value of type bool"],
    ["anvil_setStorageAt", [ADDRESS, 0, "0x1"], "invalid argument 2: json: cannot unmarshal hex string of odd length"],
    ["anvil_reorg", [1, [["0x00"]]], "invalid argument 1: want a transaction and the offset of its block"],
    [
      "anvil_reorg",
      [1, ["0x00"]],
      "invalid argument 1: json: cannot unmarshal string into Go value of type []interface {}",
    ],
    ["anvil_reorg", [], "missing value for required argument 0"],
    ["anvil_reset", ["x"], "invalid argument 0: json: cannot unmarshal string into Go value of type anvil.Forking"],
    ["anvil_loadState", ["zz"], "invalid argument 0: json: cannot unmarshal hex string without 0x prefix"],
  ];
  for (const [method, params, message] of refusals) {
    const { error } = await caller.call(method, params);
    assertEquals([error?.code, error?.message.slice(0, message.length)], [-32602, message], method);
  }
  // Each block would be made anew while every other write waits.
  assertEquals((await caller.call("anvil_reorg", [1025])).error, {
    code: -32005,
    message: "reorg too deep: want at most 1024 blocks",
    data: { limit: 1024, value: 1025 },
  });
  assertEquals(calls, []);
  caller[Symbol.dispose]();
});

Deno.test("Logging is switched on and off", async () => {
  const { caller, logged } = client();
  await caller.result("anvil_setLoggingEnabled", [true]);
  await caller.result("hardhat_setLoggingEnabled", [false]);
  assertEquals(logged, [true, false]);
  caller[Symbol.dispose]();
});
