import { assertEquals, assertNotEquals } from "@std/assert";
import { testChain } from "../../fixture.ts";
import { ALICE, BOB, CODE, refusal, simulate } from "./fixture.ts";

/** Returns the hash of the block whose number is the first word of the input. */
const BLOCKHASH = "5f3540" + "5f5260205ff3";

function word(value: bigint): `0x${string}` {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

Deno.test("Simulated blocks are numbered, timed and linked, and gaps between them are filled", async () => {
  using chain = await testChain();
  const head = await chain.block("latest");
  const blocks = await simulate(chain, [
    {},
    { block: { number: 4n, time: BigInt(String(head["timestamp"])) + 100n } },
    {},
  ]);
  const start = BigInt(String(head["timestamp"]));
  assertEquals(blocks.map((block) => [Number(block.number), Number(BigInt(block.timestamp) - start)]), [
    [1, 12],
    [2, 24],
    [3, 36],
    [4, 100],
    [5, 112],
  ]);
  const hashes = [head["hash"], ...blocks.map((block) => block.hash)];
  assertEquals(blocks.map((block) => block.parentHash), hashes.slice(0, -1));
  assertEquals((await chain.block("latest"))["hash"], head["hash"]);
});

Deno.test("Simulation takes from the block before what is not overridden", async () => {
  using chain = await testChain();
  const [first, second] = await simulate(chain, [{ block: { feeRecipient: BOB, gasLimit: 123_456n } }, {}]);
  assertEquals([first?.miner, first?.gasLimit, second?.miner, second?.gasLimit], [BOB, "0x1e240", BOB, "0x1e240"]);
});

Deno.test("Simulated blocks have no base fee unless it is validated or set", async () => {
  using chain = await testChain();
  const [free, set] = await simulate(chain, [{}, { block: { baseFeePerGas: 7n } }]);
  assertEquals([free?.baseFeePerGas, set?.baseFeePerGas], ["0x0", "0x7"]);
  const [validated] = await simulate(chain, [{}], { validation: true });
  assertEquals(validated?.baseFeePerGas, await chain.node.blocks.baseFee());
});

Deno.test("BLOCKHASH reaches simulated blocks and those before them", async () => {
  using chain = await testChain();
  const head = await chain.block("latest");
  const ask = (number: bigint) => ({ to: CODE, input: word(number) });
  const blocks = await simulate(chain, [
    { state: { [CODE]: { code: `0x${BLOCKHASH}` } } },
    { calls: [ask(0n), ask(1n), ask(2n)] },
  ]);
  assertEquals(blocks[1]?.calls.map((call) => call.returnData), [head["hash"], blocks[0]?.hash, word(0n)]);
});

Deno.test("Withdrawals of a simulated block are paid and are part of it", async () => {
  using chain = await testChain();
  const withdrawals = [{ index: 1n, validatorIndex: 2n, address: BOB, amount: 3n }];
  const BALANCE = `73${BOB.slice(2)}315f5260205ff3`;
  const [paid, after] = await simulate(chain, [
    { block: { withdrawals }, state: { [CODE]: { code: `0x${BALANCE}` } } },
    { calls: [{ to: CODE }] },
  ]);
  assertEquals(paid?.withdrawals, [{ index: "0x1", validatorIndex: "0x2", address: BOB, amount: "0x3" }]);
  assertNotEquals(paid?.withdrawalsRoot, after?.withdrawalsRoot);
  assertEquals(after?.calls[0]?.returnData, word(3n * 10n ** 9n));
});

Deno.test("Simulation on an older block starts from the state of that block", async () => {
  using chain = await testChain();
  await chain.send(1, { to: ALICE, value: 5n, gas: 21_000n });
  const BALANCE = `73${ALICE.slice(2)}315f5260205ff3`;
  const blocks = [{ state: { [CODE]: { code: `0x${BALANCE}` as const } }, calls: [{ to: CODE }] }];
  const [now] = await simulate(chain, blocks);
  const [before] = await simulate(chain, blocks, { at: { number: 0n } });
  assertEquals([now?.number, now?.calls[0]?.returnData], ["0x2", word(5n)]);
  assertEquals([before?.number, before?.calls[0]?.returnData], ["0x1", word(0n)]);
});

Deno.test("Simulation refuses blocks out of order and too many of them", async () => {
  using chain = await testChain();
  const { timestamp } = await chain.block("latest");
  const now = BigInt(String(timestamp));
  assertEquals(await refusal(simulate(chain, [])), [-32602, "empty input"]);
  assertEquals(await refusal(simulate(chain, [{ block: { number: 0n } }])), [
    -38020,
    "block numbers must be in order: 0 <= 0",
  ]);
  assertEquals(await refusal(simulate(chain, [{ block: { number: 2n } }, { block: { number: 2n } }])), [
    -38020,
    "block numbers must be in order: 2 <= 2",
  ]);
  assertEquals(await refusal(simulate(chain, [{ block: { time: now } }])), [
    -38021,
    `block timestamps must be in order: ${now} <= ${now}`,
  ]);
  assertEquals((await simulate(chain, [{ block: { number: 256n } }])).length, 256);
  assertEquals(await refusal(simulate(chain, [{ block: { number: 257n } }])), [-38026, "too many blocks"]);
  assertEquals(await refusal(simulate(chain, Array(257).fill({}))), [-38026, "too many blocks"]);
  assertEquals(await refusal(simulate(chain, [{ calls: Array(5001).fill({}) }])), [
    -38026,
    "too many calls in block: 5001 > 5000",
  ]);
});

Deno.test("Simulation on a block that does not exist fails as a call there does", async () => {
  using chain = await testChain();
  assertEquals(await refusal(simulate(chain, [{}], { at: { number: 99n } })), [-32000, "header not found"]);
});

Deno.test("A simulated block before Shanghai has no withdrawals", async () => {
  const forks = {
    ...{ homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0, byzantiumBlock: 0 },
    ...{ constantinopleBlock: 0, petersburgBlock: 0, istanbulBlock: 0, berlinBlock: 0, londonBlock: 0 },
    terminalTotalDifficulty: 0,
  };
  const genesis = JSON.stringify({
    config: { chainId: 7, ...forks },
    difficulty: "0x0",
    gasLimit: "0x1c9c380",
    alloc: {},
  });
  using chain = await testChain({ genesis });
  const [block] = await simulate(chain, [{}]);
  assertEquals(["withdrawals" in (block ?? {}), "withdrawalsRoot" in (block ?? {})], [false, false]);
});
