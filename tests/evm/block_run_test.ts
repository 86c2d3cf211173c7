import { assertEquals, assertRejects } from "@std/assert";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { BlockEnv } from "../../src/evm/env.ts";
import { BlockRun } from "../../src/evm/block_run.ts";
import { encodeReceipt } from "../../src/primitives/receipt.ts";
import { TransactionError } from "../../src/evm/transaction_error.ts";
import { keccak256 } from "../../src/crypto/keccak.ts";
import { loadFastRecovery } from "../../src/crypto/signature.ts";
import { rlpList, rlpNumber, rlpString } from "../../src/primitives/rlp.ts";
import type { Transaction } from "../../src/primitives/transaction.ts";
import type { Address, Authorization } from "../../src/eth/types.ts";
import { orderedTrieRoot } from "../../src/state/trie.ts";
import type { World } from "../../src/state/world.ts";
import {
  addressOf,
  ALICE,
  BOB,
  bytes,
  CONTRACT,
  env,
  ETHER,
  genesis,
  GWEI,
  machine,
  MINER,
  transactionWith,
  worldWith,
} from "./fixture.ts";

const slot = (value: number | bigint) => `0x${value.toString(16).padStart(64, "0")}` as const;

/** Runs transactions of Alice in a block of their own. */
async function block(world: World, transactions: readonly Partial<Transaction>[], more: Partial<BlockEnv> = {}) {
  const run = new BlockRun(machine, world, { ...env, ...more });
  await run.begin();
  const outcomes = [];
  for (const [nonce, changes] of transactions.entries()) {
    outcomes.push(await run.transaction(transactionWith({ nonce: BigInt(nonce), ...changes }), ALICE));
  }
  return { outcomes, block: await run.finish() };
}

Deno.test("BlockRun moves value, pays the miner its tip and burns the base fee", async () => {
  const world = worldWith("");
  const { block: after } = await block(world, [{ to: BOB, value: ETHER, gasLimit: 21_000n }]);
  assertEquals(after.gasUsed, 21_000n);
  assertEquals(after.world.balance(BOB), ETHER);
  assertEquals(after.world.balance(MINER), 21_000n * GWEI);
  assertEquals(after.world.balance(ALICE), 99n * ETHER - 21_000n * 2n * GWEI);
  assertEquals(after.world.nonce(ALICE), 1n);
  assertEquals(after.stateRoot, after.world.root());
});

Deno.test("BlockRun writes the beacon root and the parent's hash before the first transaction", async () => {
  const { block: after } = await block(genesis.world, [], { timestamp: 10n, number: 1n });
  // EIP-4788: timestamp and root in a ring of 8191; EIP-2935: the parent's hash at its number.
  const beaconRoots: Address = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02";
  assertEquals(after.world.storage(beaconRoots, slot(10)), slot(10));
  assertEquals(after.world.storage(beaconRoots, slot(10 + 8191)), env.parentBeaconRoot);
  assertEquals(after.world.storage("0x0000f90827f1c53a10cb7a02335b175320002935", slot(0)), env.parentHash);
});

Deno.test("BlockRun makes receipts whose root is that of their encodings", async () => {
  // Emits a log with one topic, then reverts in the second transaction.
  const world = worldWith("60013560011460115760ff5f5fa1005b5f5ffd");
  const { outcomes, block: after } = await block(world, [{}, { data: bytes(`00${"00".repeat(31)}01`) }]);
  assertEquals(outcomes.map(({ receipt }) => receipt.status), [true, false]);
  assertEquals(outcomes[0]?.receipt.logs, [{ address: CONTRACT, topics: [slot(0xff)], data: new Uint8Array(0) }]);
  assertEquals(after.receipts[1]?.cumulativeGasUsed, after.gasUsed);
  assertEquals(after.receiptsRoot, orderedTrieRoot(after.receipts.map(encodeReceipt)));
  assertEquals(after.bloom, outcomes[0]?.receipt.bloom);
  assertEquals(encodeReceipt(after.receipts[0] ?? unreachable())[0], 2);
});

function unreachable(): never {
  throw new Error("unreachable");
}

const REFUSALS: readonly (readonly [kind: TransactionError["kind"], changes: Partial<Transaction>, message: RegExp])[] =
  [
    ["nonceTooLow", { nonce: 0n }, /^nonce too low: address 0xaAaAaA.*, tx: 0 state: 1$/],
    ["nonceTooHigh", { nonce: 5n }, /^nonce too high: address 0xaAaAaA.*, tx: 5 state: 1$/],
    [
      "insufficientFunds",
      { value: 1000n * ETHER },
      /^insufficient funds for gas \* price \+ value: address .* have \d+ want \d+$/,
    ],
    ["intrinsicGas", { gasLimit: 20_999n }, /^intrinsic gas too low: have 20999, want 21000$/],
    ["intrinsicGas", { gasLimit: 52_999n, to: null }, /^intrinsic gas too low: have 52999, want 53000$/],
    [
      "floorDataGas",
      { gasLimit: 21_500n, data: new Uint8Array(20).fill(1) },
      /^insufficient gas for floor data gas cost: have 21500, want 21800$/,
    ],
    ["gasLimitReached", { gasLimit: 16_777_000n }, /^gas limit reached$/],
    ["gasLimitTooHigh", { gasLimit: 16_777_217n }, /^transaction gas limit too high \(cap: 16777216, tx: 16777217\)$/],
    [
      "feeCapTooLow",
      { gasFeeCap: 1n, gasTipCap: 1n },
      /^max fee per gas less than block base fee: address .*, maxFeePerGas: 1, baseFee: 1000000000$/,
    ],
    [
      "tipAboveFeeCap",
      { gasTipCap: 4n * GWEI },
      /^max priority fee per gas higher than max fee per gas: address .*, maxPriorityFeePerGas: 4000000000, maxFeePerGas: 3000000000$/,
    ],
    [
      "initCodeTooLarge",
      { to: null, gasLimit: 5_000_000n, data: new Uint8Array(49_153) },
      /^max initcode size exceeded: code size 49153 limit 49152$/,
    ],
    ["blobTxCreate", { type: 3, to: null, blobHashes: [slot(1)] }, /^blob transaction of type create$/],
    ["missingBlobHashes", { type: 3 }, /^blob transaction missing blob hashes$/],
    ["blobHashVersion", { type: 3, blobHashes: [slot(1)], blobFeeCap: 1n }, /^blob 0 has invalid hash version$/],
    [
      "blobFeeCapTooLow",
      { type: 3, blobHashes: [`0x01${"00".repeat(31)}`] },
      /^max fee per blob gas less than block blob gas fee: address .* blobGasFeeCap: 0, blobBaseFee: 1$/,
    ],
    ["emptyAuthorizationList", { type: 4 }, /^EIP-7702 transaction with empty auth list \(sender 0x.*\)$/],
  ];

for (const [kind, changes, message] of REFUSALS) {
  Deno.test(`BlockRun refuses a transaction with ${kind} (${message.source.slice(1, 25)}...) and keeps its state`, async () => {
    const run = new BlockRun(machine, worldWith(""), { ...env, gasLimit: 16_777_217n });
    await run.begin();
    await run.transaction(transactionWith({ gasLimit: 800_000n }), ALICE);
    const before = run.world().root();
    const error = await assertRejects(
      () => run.transaction(transactionWith({ nonce: 1n, ...changes }), ALICE),
      TransactionError,
    );
    assertEquals(error.kind, kind, error.message);
    assertEquals(message.test(error.message), true, error.message);
    assertEquals(run.world().root(), before);
    await run.transaction(transactionWith({ nonce: 1n, gasLimit: 21_000n, to: BOB }), ALICE);
    run.close();
  });
}

Deno.test("BlockRun refuses a contract as a sender, unless it is impersonated", async () => {
  const run = new BlockRun(machine, worldWith("00").withBalance(CONTRACT, ETHER), env);
  await run.begin();
  const error = await assertRejects(() => run.transaction(transactionWith({}), CONTRACT), TransactionError);
  assertEquals(error.message.toLowerCase(), `sender not an eoa: address ${CONTRACT}, len(code): 1`);
  assertEquals(
    (await run.transaction(transactionWith({}), CONTRACT, { skipTransactionChecks: true })).receipt.status,
    true,
  );
  run.close();
});

Deno.test("BlockRun refuses transaction types that the fork does not know", async () => {
  const run = new BlockRun(machine, worldWith(""), {
    ...env,
    rules: genesis.forks.premerge,
    difficulty: 1n,
    parentBeaconRoot: undefined,
    blobBaseFee: undefined,
  });
  await run.begin();
  const blob = transactionWith({ type: 3, blobHashes: [`0x01${"00".repeat(31)}`] });
  const error = await assertRejects(() => run.transaction(blob, ALICE), TransactionError);
  assertEquals([error.kind, error.message], ["typeNotSupported", "transaction type not supported"]);
  run.close();
});

Deno.test("BlockRun refunds a fifth at most of what was spent", async () => {
  // Clears ten slots: 48,000 to give back.
  const slots = Array.from({ length: 10 }, (_, index) => [slot(index), slot(1)] as const);
  const world = worldWith(
    Array.from({ length: 10 }, (_, index) => `5f60${index.toString(16).padStart(2, "0")}55`).join(""),
  )
    .withStorage(CONTRACT, slots);
  const { outcomes, block: after } = await block(world, [{}]);
  const spent = 21_000n + 10n * (2n + 3n + 5_000n);
  assertEquals(outcomes[0]?.result.maxUsedGas, spent);
  assertEquals(after.gasUsed, spent - spent / 5n);
  assertEquals([...after.world.slots(CONTRACT)], []);
});

Deno.test("BlockRun creates a contract where the sender's nonce says, and code that starts with 0xef not at all", async () => {
  const returning = (code: string) => bytes(`60${code}5f5360015ff3`);
  const { outcomes, block: after } = await block(worldWith(""), [
    { to: null, data: returning("00") },
    { to: null, data: returning("ef") },
  ]);
  const address = outcomes[0]?.receipt.contractAddress ?? unreachable();
  assertEquals(after.world.code(address), bytes("00"));
  assertEquals(outcomes[1]?.result.error?.message, "invalid code: must not begin with 0xef");
  assertEquals(outcomes[1]?.receipt.gasUsed, 1_000_000n);
});

Deno.test("BlockRun removes a contract that destroys itself only when it was made in the same transaction (EIP-6780)", async () => {
  const destroy = `73${BOB.slice(2)}ff`;
  const { outcomes, block: after } = await block(worldWith(destroy).withBalance(CONTRACT, 5n), [
    {},
    { to: null, value: 7n, data: bytes(destroy) },
  ]);
  assertEquals(after.world.code(CONTRACT), bytes(destroy));
  assertEquals(after.world.balance(CONTRACT), 0n);
  assertEquals(after.world.account(outcomes[1]?.receipt.contractAddress ?? unreachable()), undefined);
  assertEquals(after.world.balance(BOB), 12n);
});

Deno.test("BlockRun pays withdrawals in gwei", async () => {
  const run = new BlockRun(machine, worldWith(""), env);
  await run.begin();
  const { world } = await run.finish({ withdrawals: [{ index: 0n, validatorIndex: 0n, address: BOB, amount: 3n }] });
  assertEquals(world.balance(BOB), 3n * GWEI);
});

Deno.test("BlockRun pays miners and their uncles before the merge", async () => {
  const run = new BlockRun(machine, worldWith(""), {
    ...env,
    rules: genesis.forks.premerge,
    number: 10n,
    difficulty: 1n,
    parentBeaconRoot: undefined,
    blobBaseFee: undefined,
  });
  await run.begin();
  const outcome = await run.finish({ uncles: [{ coinbase: BOB, number: 9n }] });
  assertEquals(outcome.world.balance(MINER), 2n * ETHER + 2n * ETHER / 32n);
  assertEquals(outcome.world.balance(BOB), 2n * ETHER * 7n / 8n);
  assertEquals(outcome.requests, undefined);
});

Deno.test("BlockRun hashes the requests of a block without any as nothing", async () => {
  const { block: after } = await block(worldWith(""), []);
  assertEquals(after.requests, []);
  assertEquals(after.requestsHash, "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

Deno.test("BlockRun takes a withdrawal request out of its queue (EIP-7002)", async () => {
  const queue: Address = "0x00000961ef480eb55e80d19ad83579a64c007002";
  const { block: after } = await block(worldWith(""), [{ to: queue, value: 1n, data: new Uint8Array(56).fill(9) }]);
  // The type, the caller's address, 48 bytes of key and 8 of amount.
  assertEquals(after.requests?.map((request) => request.toHex()), [`01${ALICE.slice(2)}${"09".repeat(56)}`]);
});

const AUTHORITY_KEY = keccak256(bytes("01"));
const AUTHORITY: Address = `0x${keccak256(secp256k1.getPublicKey(AUTHORITY_KEY, false).subarray(1)).toHex().slice(24)}`;

function authorize(address: Address, nonce: bigint, chainId = 1337n): Authorization {
  const payload = rlpList([rlpNumber(chainId), rlpString(address.slice(2)), rlpNumber(nonce)]);
  const digest = keccak256(bytes(`05${payload}`));
  const signed = secp256k1.sign(digest, AUTHORITY_KEY, { prehash: false, format: "recovered" });
  const { r, s, recovery } = secp256k1.Signature.fromBytes(signed, "recovered");
  return { chainId, address, nonce, r, s, yParity: BigInt(recovery ?? 0) };
}

Deno.test("BlockRun lets an account delegate to code and take it back (EIP-7702)", async () => {
  await loadFastRecovery();
  const world = worldWith("335f5500");
  const set = await block(world, [{ type: 4, to: AUTHORITY, authorizations: [authorize(CONTRACT, 0n)] }]);
  assertEquals(set.block.world.code(AUTHORITY), bytes(`ef0100${CONTRACT.slice(2)}`));
  assertEquals(set.block.world.nonce(AUTHORITY), 1n);
  assertEquals(set.block.world.storage(AUTHORITY, slot(0)), slot(BigInt(ALICE)));
  const clear = await block(set.block.world.withNonce(ALICE, 0n), [
    { type: 4, to: BOB, authorizations: [authorize(addressOf("00"), 1n)] },
  ]);
  assertEquals(clear.block.world.code(AUTHORITY), bytes(""));
  // The account existed: 12,500 of the 25,000 come back.
  assertEquals(clear.outcomes[0]?.result.maxUsedGas, 46_000n);
  assertEquals(clear.block.gasUsed, 46_000n - 46_000n / 5n);
});

Deno.test("BlockRun skips authorizations for another chain or another nonce", async () => {
  await loadFastRecovery();
  const { block: after } = await block(worldWith(""), [
    { type: 4, to: BOB, authorizations: [authorize(CONTRACT, 0n, 5n), authorize(CONTRACT, 3n)] },
  ]);
  assertEquals(after.world.account(AUTHORITY), undefined);
  assertEquals(after.gasUsed, 71_000n);
});
