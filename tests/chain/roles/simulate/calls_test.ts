import { assertEquals } from "@std/assert";
import type { TransactionRequest } from "../../../../src/eth/types.ts";
import type { SimulatedBlock, Simulation } from "../../../../src/eth/types.ts";
import { callTo, COUNTS, LOGS_TWICE, REVERTS_ABC } from "../../assembly.ts";
import { testChain } from "../../fixture.ts";
import { ALICE, BOB, CODE, MORE_CODE, refusal, simulate } from "./fixture.ts";

const ETHER = 10n ** 18n;
const RICH = { [ALICE]: { balance: ETHER } };
const ETHER_ADDRESS = `0x${"ee".repeat(20)}`;
const TRANSFER_TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

function topic(address: string): `0x${string}` {
  return `0x${"0".repeat(24)}${address.slice(2)}`;
}

Deno.test("Calls see what those before them did, in their block and in those before it", async () => {
  using chain = await testChain();
  const blocks = await simulate(chain, [
    { state: { [CODE]: { code: `0x${COUNTS}` } }, calls: [{ to: CODE }, { to: CODE }] },
    { calls: [{ to: CODE }] },
  ]);
  assertEquals(blocks.map(({ calls }) => calls.map((call) => BigInt(call.returnData))), [[1n, 2n], [3n]]);
  assertEquals(await chain.node.state.code(CODE, { tag: "latest" }), "0x");
});

Deno.test("A call that fails says why, and the others go on", async () => {
  using chain = await testChain();
  const [block] = await simulate(chain, [{
    state: { [CODE]: { code: `0x${REVERTS_ABC}` }, [MORE_CODE]: { code: "0xfe" } },
    calls: [{ to: CODE }, { to: MORE_CODE, gas: 30_000n }, { to: BOB }],
  }]);
  const [reverted, invalid, fine] = block?.calls ?? [];
  assertEquals([reverted?.status, reverted?.returnData], ["0x0", "0x"]);
  assertEquals([reverted?.error?.code, reverted?.error?.message], [3, "execution reverted: abc"]);
  assertEquals(reverted?.error?.data?.slice(0, 10), "0x08c379a0");
  assertEquals(invalid?.error, { code: -32015, message: "invalid opcode: INVALID" });
  assertEquals([invalid?.gasUsed, fine?.status, fine?.error], ["0x7530", "0x1", undefined]);
});

Deno.test("Transactions carry the sender when they are wanted whole", async () => {
  using chain = await testChain();
  const [block] = await simulate(chain, [{ calls: [{ from: ALICE, to: BOB, gasPrice: 0n }] }], {
    fullTransactions: true,
  });
  const [transaction] = block?.transactions as { from: string; type: string; v: string; blockHash: string }[];
  assertEquals(transaction?.from, ALICE);
  assertEquals([transaction?.type, transaction?.v, transaction?.blockHash], ["0x0", "0x0", block?.hash]);
});

const TRANSACTION_FAULTS: readonly (readonly [
  name: string,
  call: TransactionRequest,
  expected: readonly [number, string],
])[] = [
  ["a nonce too low", { nonce: 0n }, [
    -38010,
    "err: nonce too low: address 0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1, tx: 0 state: 1 (supplied gas 50000000)",
  ]],
  ["a nonce too high", { nonce: 9n }, [
    -38011,
    "err: nonce too high: address 0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1, tx: 9 state: 1 (supplied gas 50000000)",
  ]],
  ["a fee below the base fee", { maxFeePerGas: 1n }, [
    -38012,
    "err: max fee per gas less than block base fee: address 0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1, " +
    "maxFeePerGas: 1, baseFee: 2 (supplied gas 50000000)",
  ]],
  ["a tip above the fee", { maxFeePerGas: 2n, maxPriorityFeePerGas: 3n }, [
    -32602,
    "err: max priority fee per gas higher than max fee per gas: address 0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1, " +
    "maxPriorityFeePerGas: 3, maxFeePerGas: 2 (supplied gas 50000000)",
  ]],
  ["too little gas to begin", { maxFeePerGas: 2n, gas: 20_999n }, [
    -38013,
    "err: intrinsic gas too low: have 20999, want 21000 (supplied gas 20999)",
  ]],
  ["too little money", { maxFeePerGas: 2n, value: ETHER }, [
    -38014,
    "err: insufficient funds for gas * price + value: address 0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1 " +
    "have 1000000000000000000 want 1000000000100000000 (supplied gas 50000000)",
  ]],
  ["too much init code", { maxFeePerGas: 2n, to: null, input: `0x${"00".repeat(49_153)}` }, [
    -38025,
    "err: max initcode size exceeded: code size 49153 limit 49152 (supplied gas 50000000)",
  ]],
];

for (const [name, call, expected] of TRANSACTION_FAULTS) {
  Deno.test(`Validated simulation refuses ${name}`, async () => {
    using chain = await testChain({ gasLimit: 100_000_000n });
    const block = { baseFeePerGas: 2n, gasLimit: 100_000_000n };
    const state = { [ALICE]: { balance: ETHER, nonce: 1n } };
    const request = { from: ALICE, to: BOB, ...call };
    assertEquals(await refusal(simulate(chain, [{ block, state, calls: [request] }], { validation: true })), expected);
  });
}

Deno.test("Simulation without validation lets pass what only a block would refuse", async () => {
  using chain = await testChain();
  const [block] = await simulate(chain, [{
    state: { [ALICE]: { nonce: 5n, code: "0x00" } },
    block: { baseFeePerGas: 10n },
    calls: [{ from: ALICE, to: BOB, nonce: 0n }, { from: ALICE, to: BOB, nonce: 77n }],
  }]);
  assertEquals(block?.calls.map(({ status }) => status), ["0x1", "0x1"]);
});

Deno.test("Calls of a block share its gas", async () => {
  using chain = await testChain();
  const block = { gasLimit: 50_000n };
  const calls = [{ from: ALICE, to: BOB }, { from: ALICE, to: BOB, gas: 29_001n }];
  assertEquals(await refusal(simulate(chain, [{ block, calls }])), [
    -38015,
    "block gas limit reached: remaining: 29000, required: 29001",
  ]);
  assertEquals(
    (await simulate(chain, [{ block, calls: calls.with(1, { from: ALICE, to: BOB, gas: 29_000n }) }])).length,
    1,
  );
});

Deno.test("Calls of a request share the gas that one call may have", async () => {
  using chain = await testChain({ gasCap: 50_000n });
  const loops = { [CODE]: { code: "0x5b5f56" as const } };
  const [first, second] = await simulate(chain, [{ calls: [{ to: BOB }] }, { state: loops, calls: [{ to: CODE }] }]);
  assertEquals(first?.calls[0]?.gasUsed, "0x5208");
  assertEquals([second?.calls[0]?.gasUsed, second?.calls[0]?.error], ["0x7148", {
    code: -32015,
    message: "out of gas (gas limit was capped by the RPC server's global gas cap)",
  }]);
});

async function transfers(block: Partial<SimulatedBlock>, options: Partial<Simulation> = {}) {
  using chain = await testChain();
  return await simulate(chain, [block], { traceTransfers: true, ...options });
}

Deno.test("Transfers are logs in their place among the others, and no part of the block", async () => {
  // Forwards two wei to Bob between the logs of another contract.
  const forwards = callTo(MORE_CODE) + callTo(BOB, { value: 2n }) + "00";
  const state = {
    ...RICH,
    [CODE]: { code: `0x${forwards}` as const },
    [MORE_CODE]: { code: `0x${LOGS_TWICE}` as const },
  };
  const calls = [{ from: ALICE, to: CODE, value: 3n }];
  const [block] = await transfers({ state, calls });
  const logs = block?.calls[0]?.logs ?? [];
  assertEquals(logs.map((log) => [log.address, log.topics, BigInt(log.data === "0x" ? 0 : log.data), log.logIndex]), [
    [ETHER_ADDRESS, [TRANSFER_TOPIC, topic(ALICE), topic(CODE)], 3n, "0x0"],
    [MORE_CODE, [], 0xaan, "0x1"],
    [MORE_CODE, [`0x${"bb".padStart(64, "0")}`], 0n, "0x2"],
    [ETHER_ADDRESS, [TRANSFER_TOPIC, topic(CODE), topic(BOB)], 2n, "0x3"],
  ]);
  assertEquals(logs.every((log) => log.blockHash === block?.hash), true);
  const [plain] = await transfers({ state, calls }, { traceTransfers: false });
  assertEquals([plain?.logsBloom, plain?.hash], [block?.logsBloom, block?.hash]);
  assertEquals(plain?.calls[0]?.logs.map((log) => log.logIndex), ["0x0", "0x1"]);
});

Deno.test("Logs of failed frames are left out but counted, with transfers and without", async () => {
  const fails = LOGS_TWICE.slice(0, -2) + "5f5ffd";
  const code = callTo(CODE) + LOGS_TWICE;
  const state = { [CODE]: { code: `0x${fails}` as const }, [MORE_CODE]: { code: `0x${code}` as const } };
  for (const traceTransfers of [true, false]) {
    const [block] = await transfers({ state, calls: [{ to: MORE_CODE }, { to: MORE_CODE }] }, { traceTransfers });
    assertEquals(block?.calls.map(({ logs }) => logs.map((log) => Number(log.logIndex))), [[2, 3], [6, 7]]);
  }
});

Deno.test("A contract that destroys itself transfers its balance", async () => {
  const state = { [CODE]: { code: `0x73${BOB.slice(2)}ff` as const, balance: 9n } };
  const [block] = await transfers({ state, calls: [{ to: CODE }] });
  assertEquals(block?.calls[0]?.logs.map((log) => [log.topics.slice(1), BigInt(log.data)]), [
    [[topic(CODE), topic(BOB)], 9n],
  ]);
});

Deno.test("A moved precompile is where it was moved to, in that block only", async () => {
  using chain = await testChain();
  const identity = `0x${"04".padStart(40, "0")}` as const;
  const calls = [{ to: BOB, input: "0x1234" as const }, { to: identity, input: "0x1234" as const }];
  const blocks = await simulate(chain, [{ state: { [identity]: { movePrecompileToAddress: BOB } }, calls }, { calls }]);
  assertEquals(blocks.map((block) => block.calls.map((call) => call.returnData)), [["0x1234", "0x"], ["0x", "0x1234"]]);
});

Deno.test("Overrides that contradict each other are refused", async () => {
  using chain = await testChain();
  const identity = `0x${"04".padStart(40, "0")}` as const;
  const sha = `0x${"02".padStart(40, "0")}` as const;
  const moves = (from: `0x${string}`, to: `0x${string}`) => ({ [from]: { movePrecompileToAddress: to } });
  const shown = "0xB0B0b0B0B0B0B0b0B0B0B0b0b0b0b0B0b0b0B0B0";
  assertEquals(await refusal(simulate(chain, [{ state: moves(identity, identity) }])), [
    -38022,
    "account 0x0000000000000000000000000000000000000004 is already overridden",
  ]);
  assertEquals(await refusal(simulate(chain, [{ state: moves(BOB, ALICE) }])), [
    -32000,
    `account ${shown} is not a precompile`,
  ]);
  assertEquals(await refusal(simulate(chain, [{ state: { ...moves(identity, BOB), [BOB]: { nonce: 1n } } }])), [
    -32000,
    `account ${shown} is already overridden`,
  ]);
  // geth lets two move to one place; the second one by address is what is there then.
  const [block] = await simulate(chain, [{
    state: { ...moves(identity, BOB), ...moves(sha, BOB) },
    calls: [{ to: BOB, input: "0x1234" }],
  }]);
  assertEquals(block?.calls[0]?.returnData, "0x1234");
});

Deno.test("A simulation ends when its time is over, and leaves nothing behind", async () => {
  using chain = await testChain({ evmTimeoutMs: 30 });
  const { stateRoot } = await chain.block("latest");
  // Hashes of 64 KB without end: some 300 us for 12,000 gas.
  const state = { [CODE]: { code: "0x5b61ffff5f20505f56" as const } };
  assertEquals(await refusal(simulate(chain, [{ state, calls: [{ to: CODE }] }])), [
    -32603,
    "execution aborted (timeout = 30ms)",
  ]);
  assertEquals((await chain.block("latest"))["stateRoot"], stateRoot);
  assertEquals((await simulate(chain, [{ calls: [{ to: BOB }] }])).length, 1);
});
