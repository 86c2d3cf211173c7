import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../../src/rpc/error.ts";
import type { Data, Hash } from "../../../src/eth/types.ts";
import { NOW_MS, type TestChain, testChain } from "../fixture.ts";

const ATTRIBUTES = {
  timestamp: BigInt(Math.floor(NOW_MS / 1000)) + 12n,
  prevRandao: `0x${"ab".repeat(32)}`,
  suggestedFeeRecipient: `0x${"cd".repeat(20)}`,
  withdrawals: [],
  parentBeaconBlockRoot: `0x${"00".repeat(32)}`,
  transactions: null,
  extraData: undefined,
} as const;

interface Envelope {
  readonly executionPayload: Record<string, unknown> & { readonly transactions: readonly Data[] };
  readonly blockValue: string;
  readonly executionRequests: readonly Data[];
}

async function headHash(chain: TestChain): Promise<Hash> {
  return (await chain.block("latest"))["hash"] as Hash;
}

Deno.test("Payload builder builds on the pool and leaves the chain as it is", async () => {
  using chain = await testChain({ automine: false });
  const hash = await chain.send(1, {
    to: chain.account(2).address,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 7n,
  });
  const parent = await headHash(chain);
  const envelope = (await chain.node.builder.buildBlock(parent, ATTRIBUTES)).decode() as Envelope;
  const { executionPayload: payload } = envelope;
  assertEquals<unknown>(payload.transactions, [await chain.node.blocks.rawTransaction(hash)]);
  assertEquals(envelope.blockValue, `0x${(21_000n * 7n).toString(16)}`);
  assertEquals([payload["prevRandao"], payload["feeRecipient"]], [
    ATTRIBUTES.prevRandao,
    ATTRIBUTES.suggestedFeeRecipient,
  ]);
  assertEquals(await chain.head(), 0n);
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x1", queued: "0x0" });
});

Deno.test("Payload builder takes the transactions it is given, or fails with what is wrong with one", async () => {
  using chain = await testChain({ automine: false });
  const parent = await headHash(chain);
  const build = (transactions: readonly Data[]) =>
    chain.node.builder.buildBlock(parent, { ...ATTRIBUTES, transactions });
  const good = await chain.sign(1, { to: chain.account(2).address });
  assertEquals(((await build([good])).decode() as Envelope).executionPayload.transactions, [good]);
  assertEquals(((await build([])).decode() as Envelope).executionPayload.transactions, []);
  const late = await chain.sign(1, { to: chain.account(2).address, nonce: 9n });
  const error = await assertRejects(() => build([late]), RpcError);
  assertEquals(
    [error.code, error.message],
    [-32000, "nonce too high: address 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266, tx: 9 state: 0"],
  );
  const elsewhere = () => chain.node.builder.buildBlock(`0x${"1".repeat(64)}`, ATTRIBUTES);
  assertEquals((await assertRejects(elsewhere, RpcError)).message, "parentHash is not current head");
});

Deno.test("Payload builder makes a block the head, and everyone is told", async () => {
  using chain = await testChain({ automine: false });
  const hash = await chain.send(1, { to: chain.account(2).address });
  const parent = await headHash(chain);
  const built = (await chain.node.builder.buildBlock(parent, ATTRIBUTES)).decode() as Envelope;
  const committed = await chain.node.builder.commitBlock(ATTRIBUTES);
  assertEquals<unknown>(committed, built.executionPayload["blockHash"]);
  assertEquals([await headHash(chain), (await chain.receipt(hash))["blockHash"]], [committed, committed]);
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x0", queued: "0x0" });
  assertEquals(chain.story(), ["pending", "block 1"]);
  const error = await assertRejects(() => chain.node.builder.commitBlock(ATTRIBUTES), RpcError);
  assertEquals(error.message, `invalid timestamp, parent ${ATTRIBUTES.timestamp} given ${ATTRIBUTES.timestamp}`);
});

Deno.test("Payload builder's block of the official test chain has geth's hash", async () => {
  const official = new URL("../../../../shared/conformance/rpc-compat/", import.meta.url);
  const [genesis, blocks] = await Promise.all(
    ["genesis.json", "chain.rlp"].map((name) => Deno.readFile(new URL(name, official)).catch(() => null)),
  );
  if (!genesis || !blocks) return;
  using chain = await testChain({ genesis: new TextDecoder().decode(genesis), blocks });
  const built = await chain.node.builder.buildBlock(await headHash(chain), {
    timestamp: 0x228n,
    prevRandao: `0x${"0".repeat(64)}`,
    suggestedFeeRecipient: `0x${"0".repeat(40)}`,
    withdrawals: [],
    parentBeaconBlockRoot: "0xcf8e0d4e9587369b2301d0790347320302cc0943d5a1884365149a42212e8822",
    transactions: [],
    extraData: "0x",
  });
  const envelope = built.decode() as Envelope;
  assertEquals(
    envelope.executionPayload["blockHash"],
    "0x97902d120c93908349cdd209063dde05aca630b9a12bfb74a1f23d1d3fb46c9c",
  );
});

Deno.test("A payload without a beacon root calls nothing for it and has no such field, and cannot be committed", async () => {
  using chain = await testChain({ automine: false });
  const parent = await headHash(chain);
  const request = { ...ATTRIBUTES, parentBeaconBlockRoot: undefined };
  const build = async (wanted: typeof ATTRIBUTES | typeof request) =>
    ((await chain.node.builder.buildBlock(parent, wanted)).decode() as Envelope).executionPayload;
  const [zero, none] = [await build(ATTRIBUTES), await build(request)];
  assertEquals([zero["stateRoot"] === none["stateRoot"], zero["blockHash"] === none["blockHash"]], [false, false]);
  const error = await assertRejects(() => chain.node.builder.commitBlock(request), RpcError);
  assertEquals(error.message, "header is missing beaconRoot");
});

Deno.test("A payload's transaction that cannot be read is named by its place", async () => {
  using chain = await testChain({ automine: false });
  const parent = await headHash(chain);
  const good = await chain.sign(1, { to: chain.account(2).address });
  const build = () => chain.node.builder.buildBlock(parent, { ...ATTRIBUTES, transactions: [good, "0x02c0"] });
  const error = await assertRejects(build, RpcError);
  assertEquals(error.message.startsWith("invalid transaction 1: "), true, error.message);
});
