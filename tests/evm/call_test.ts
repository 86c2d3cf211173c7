import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import type { StateOverrides, TransactionRequest } from "../../src/eth/types.ts";
import { addressOf, ALICE, BOB, callsOn, CONTRACT, ETHER, GWEI, worldWith } from "./fixture.ts";

/** What a failing call says, whole. */
async function failure(call: Promise<unknown>): Promise<[number, string, unknown]> {
  const error = await assertRejects(() => call, RpcError);
  return [error.code, error.message, error.data];
}

const slot = (value: number) => `0x${value.toString(16).padStart(64, "0")}` as const;
/** Returns storage slot 0. */
const READ_SLOT_0 = "5f545f5260205ff3";
/** Returns what 32 bytes of calldata hash to by sha256 (precompile 2). */
const CALL_SHA256 = "60205f60205f60025afa5060205ff3";

Deno.test("Call returns what the code returns and changes nothing", async () => {
  const world = worldWith("60015f5560205f5260205ff3");
  const root = world.root();
  assertEquals(await callsOn(world).call({ to: CONTRACT }), slot(0x20));
  assertEquals(world.root(), root);
});

Deno.test("Call to an account without code returns no bytes", async () => {
  assertEquals(await callsOn(worldWith("")).call({ to: BOB, from: ALICE, value: 1n }), "0x");
});

const REVERTS: readonly (readonly [name: string, code: string, message: string])[] = [
  ["without data", "5f5ffd", "execution reverted"],
  [
    "with Error(string)",
    `7f08c379a0${"00".repeat(28)}5f5260206004527f${"00".repeat(31)}0a6024526975736572206572726f7260b01b60445260645ffd`,
    "execution reverted: user error",
  ],
  [
    "with Panic(uint256)",
    `7f4e487b71${"00".repeat(28)}5f52601160045260245ffd`,
    "execution reverted: arithmetic underflow or overflow",
  ],
  ["with bytes of its own", "63deadbeef60e01b5f5260045ffd", "execution reverted"],
];

for (const [name, code, message] of REVERTS) {
  Deno.test(`Call that reverts ${name} answers code 3 and the data`, async () => {
    const [errorCode, text, data] = await failure(callsOn(worldWith(code)).call({ to: CONTRACT }));
    assertEquals([errorCode, text, typeof data], [3, message, "string"]);
  });
}

const HALTS: readonly (readonly [name: string, code: string, request: TransactionRequest, message: string])[] = [
  ["an endless loop", "5b5f56", { gas: 100_000n }, "out of gas"],
  ["an invalid instruction", "fe", {}, "invalid opcode: INVALID"],
  ["an undefined instruction", "0c", {}, "invalid opcode: opcode 0xc not defined"],
  ["an empty stack", "01", {}, "stack underflow (0 <=> 2)"],
  ["a jump to nowhere", "5f56", {}, "invalid jump destination"],
];

for (const [name, code, request, message] of HALTS) {
  Deno.test(`Call that ends by ${name} answers geth's text`, async () => {
    const call = callsOn(worldWith(code)).call({ to: CONTRACT, ...request });
    assertEquals(await failure(call), [-32000, message, undefined]);
  });
}

const WHO = "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa";
const REFUSALS: readonly (readonly [name: string, request: TransactionRequest, message: string])[] = [
  [
    "funds that are not there",
    { from: ALICE, gasPrice: 10n ** 30n, gas: 100_000n },
    `err: insufficient funds for gas * price + value: address ${WHO} have 100000000000000000000 want 100000000000000000000000000000000000 (supplied gas 100000)`,
  ],
  ["too little gas", { gas: 20_000n }, "err: intrinsic gas too low: have 20000, want 21000 (supplied gas 20000)"],
  [
    "too little gas for its data",
    { gas: 21_100n, input: "0x0102030405" },
    "err: insufficient gas for floor data gas cost: have 21100, want 21200 (supplied gas 21100)",
  ],
  [
    "a fee below the base fee",
    { from: ALICE, maxFeePerGas: 1n },
    `err: max fee per gas less than block base fee: address ${WHO}, maxFeePerGas: 1, baseFee: 1000000000 (supplied gas 50000000)`,
  ],
  [
    "a tip above the fee cap",
    { from: ALICE, maxFeePerGas: GWEI, maxPriorityFeePerGas: 2n * GWEI },
    `err: max priority fee per gas higher than max fee per gas: address ${WHO}, maxPriorityFeePerGas: 2000000000, maxFeePerGas: 1000000000 (supplied gas 50000000)`,
  ],
  [
    "both kinds of fees",
    { gasPrice: 1n, maxFeePerGas: 1n },
    "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified",
  ],
  ["another chain", { chainId: 5n }, "chainId does not match node's (have=5, want=1337)"],
  [
    "a value that is not there",
    { from: BOB, value: 1n },
    "err: insufficient funds for gas * price + value: address 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB have 0 want 1 (supplied gas 50000000)",
  ],
];

for (const [name, request, message] of REFUSALS) {
  Deno.test(`Call with ${name} is refused in geth's words`, async () => {
    const call = callsOn(worldWith("00")).call({ to: CONTRACT, ...request });
    assertEquals(await failure(call), [-32000, message, undefined]);
  });
}

Deno.test("Call that pays nothing sees a base fee of zero, one that pays sees the block's", async () => {
  const calls = callsOn(worldWith("485f5260205ff3"));
  assertEquals(await calls.call({ to: CONTRACT }), slot(0));
  assertEquals(await calls.call({ to: CONTRACT, from: ALICE, gas: 100_000n, gasPrice: GWEI }), slot(Number(GWEI)));
});

Deno.test("Call has the gas cap as its gas, and never more", async () => {
  const calls = callsOn(worldWith("5a5f5260205ff3"), { gasCap: 1_000_000n });
  assertEquals(await calls.call({ to: CONTRACT }), slot(1_000_000 - 21_000 - 2));
  assertEquals(await calls.call({ to: CONTRACT, gas: 2_000_000n }), slot(1_000_000 - 21_000 - 2));
  assertEquals(await calls.call({ to: CONTRACT, gas: 50_000n }), slot(50_000 - 21_000 - 2));
});

Deno.test("Call from an account with code is let through", async () => {
  assertEquals(
    await callsOn(worldWith("335f5260205ff3")).call({ to: CONTRACT, from: CONTRACT }),
    `0x${"00".repeat(12)}${"cc".repeat(20)}`,
  );
});

Deno.test("Call sees overridden balance, nonce, code and slots", async () => {
  const world = worldWith(READ_SLOT_0).withStorage(CONTRACT, [[slot(0), slot(7)], [slot(1), slot(8)]]);
  const calls = callsOn(world);
  const read = (state: StateOverrides) => calls.call({ to: CONTRACT }, { state });
  assertEquals(await calls.call({ to: CONTRACT }), slot(7));
  assertEquals(await read({ [CONTRACT]: { stateDiff: { [slot(0)]: slot(9) } } }), slot(9));
  assertEquals(await read({ [CONTRACT]: { stateDiff: { [slot(1)]: slot(9) } } }), slot(7));
  assertEquals(await read({ [CONTRACT]: { state: { [slot(1)]: slot(9) } } }), slot(0));
  assertEquals(await read({ [CONTRACT]: { code: "0x475f5260205ff3", balance: 5n } }), slot(5));
  assertEquals(await calls.call({ to: BOB, from: BOB, value: ETHER }, { state: { [BOB]: { balance: ETHER } } }), "0x");
});

Deno.test("Call refuses overrides that contradict each other, in geth's words", async () => {
  const calls = callsOn(worldWith(""));
  const refused = async (state: StateOverrides) => (await failure(calls.call({ to: CONTRACT }, { state })))[1];
  assertEquals(
    await refused({ [BOB]: { state: {}, stateDiff: {} } }),
    "account 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB has both 'state' and 'stateDiff'",
  );
  assertEquals(
    await refused({ [BOB]: { movePrecompileToAddress: ALICE } }),
    "account 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB is not a precompile",
  );
  const sha256 = `0x${"0".repeat(39)}2` as const;
  assertEquals(
    await refused({ [sha256]: { movePrecompileToAddress: BOB }, [BOB]: { nonce: 1n } }),
    "account 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB is already overridden",
  );
});

Deno.test("Call finds a precompiled contract where it was moved, and other code in its place", async () => {
  const sha256 = `0x${"0".repeat(39)}2` as const;
  const target = addressOf("12");
  const calls = callsOn(worldWith(CALL_SHA256));
  const hashOfZeros = await calls.call({ to: CONTRACT });
  assertEquals(hashOfZeros, "0x66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
  const state: StateOverrides = { [sha256]: { movePrecompileToAddress: target, code: "0x60055f5260205ff3" } };
  assertEquals(await calls.call({ to: CONTRACT }, { state }), slot(5));
  assertEquals(await calls.call({ to: target, input: `0x${"00".repeat(32)}` }, { state }), hashOfZeros);
  assertEquals(await calls.call({ to: CONTRACT }), hashOfZeros);
});

Deno.test("Call sees an overridden block", async () => {
  const calls = callsOn(worldWith("435f52426020524560405241606052446080524860a05260c05ff3"));
  const answer = await calls.call({ to: CONTRACT, gasPrice: 7n, from: ALICE, gas: 100_000n }, {
    block: { number: 9n, time: 8n, gasLimit: 6n, feeRecipient: BOB, prevRandao: slot(5), baseFeePerGas: 4n },
  });
  const words = [slot(9), slot(8), slot(6), `0x${"00".repeat(12)}${"bb".repeat(20)}`, slot(5), slot(4)];
  assertEquals(answer, `0x${words.map((word) => word.slice(2)).join("")}`);
  assertEquals(
    (await failure(calls.call({ to: CONTRACT }, { block: { beaconRoot: slot(1) } })))[1],
    'block override "beaconRoot" is not supported for this RPC method',
  );
});

Deno.test("Calls at the same time on the same machine do not see each other", async () => {
  const world = worldWith(`${READ_SLOT_0.slice(0, 0)}5f5460010180805f555f5260205ff3`);
  const calls = callsOn(world);
  const answers = await Promise.all(Array.from({ length: 20 }, () => calls.call({ to: CONTRACT })));
  assertEquals(new Set(answers), new Set([slot(1)]));
});

Deno.test("Estimate of a plain transfer is 21000", async () => {
  assertEquals(await callsOn(worldWith("")).estimate({ from: ALICE, to: BOB, value: 1n }), "0x5208");
});

Deno.test("Estimate is enough, and at most 1.5 % more than what is needed", async () => {
  const calls = callsOn(worldWith("60015f5560016001555f5ff3"));
  const estimate = BigInt(await calls.estimate({ from: ALICE, to: CONTRACT }));
  const needed = 21_000n + 12n + 2n * 22_100n;
  assertEquals(estimate >= needed && estimate * 1000n <= needed * 1016n, true, `${estimate}`);
  await calls.call({ from: ALICE, to: CONTRACT, gas: estimate });
});

Deno.test("Estimate counts the 64th that a call holds back", async () => {
  // Calls itself once with all its gas and writes a slot in the inner call.
  const code = "361560105760015f55005b60015f5260205f60205f5f305af1501561002a575b005b";
  const calls = callsOn(worldWith(code));
  const gas = BigInt(await calls.estimate({ from: ALICE, to: CONTRACT, input: "0x01" }));
  await calls.call({ from: ALICE, to: CONTRACT, input: "0x01", gas });
});

Deno.test("Estimate of a call that reverts answers the reason, of one that never ends the allowance", async () => {
  assertEquals(await failure(callsOn(worldWith("5f5ffd")).estimate({ to: CONTRACT })), [3, "execution reverted", "0x"]);
  assertEquals(
    await failure(callsOn(worldWith("5b5f56")).estimate({ to: CONTRACT, gas: 100_000n })),
    [-32000, "gas required exceeds allowance (100000)", undefined],
  );
  assertEquals(
    await failure(callsOn(worldWith("fe")).estimate({ to: CONTRACT })),
    [-32000, "invalid opcode: INVALID", undefined],
  );
  assertEquals(
    await failure(callsOn(worldWith("")).estimate({ from: BOB, to: ALICE, value: 5n })),
    [
      -32000,
      "failed with 16777216 gas: insufficient funds for gas * price + value: address 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB have 0 want 5",
      undefined,
    ],
  );
});

Deno.test("Access list names slots and other accounts, but neither sender, callee nor precompiled contracts", async () => {
  // SLOAD 1, BALANCE of 0x12.., SHA256 precompile called.
  const code = `60015450${`73${"12".repeat(20)}3150`}5f5f5f5f60025afa5000`;
  const answer = await callsOn(worldWith(code)).accessList({ from: ALICE, to: CONTRACT });
  assertEquals((answer.decode() as { accessList: unknown }).accessList, [
    { address: addressOf("12"), storageKeys: [] },
    { address: CONTRACT, storageKeys: [slot(1)] },
  ]);
});

Deno.test("Access list of a call that reverts is answered with the error", async () => {
  const answer = await callsOn(worldWith("5f545f5ffd")).accessList({ from: ALICE, to: CONTRACT });
  assertEquals((answer.decode() as { error?: string }).error, "execution reverted");
});
