import { assertEquals, assertRejects } from "@std/assert";
import { createDevChain, ImportError, type ImportProgress } from "../../../src/chain/mod.ts";
import { EMITTER, NOW_MS, testChain } from "../fixture.ts";

/** Three blocks of a dev chain: a deployment, a call that logs, an empty one. */
async function exportedChain(): Promise<{ blocks: string[]; head: unknown }> {
  using chain = await testChain();
  const emitter = await chain.deploy(1, EMITTER);
  await chain.send(1, { to: emitter, input: `0x${"7".padStart(64, "0")}`, gas: 100_000n });
  await chain.node.dev.mine(1n);
  const blocks = [];
  for (const number of [0n, 1n, 2n, 3n]) blocks.push((await chain.node.raw.rawBlock({ number })).slice(2));
  return { blocks, head: (await chain.block("latest"))["hash"] };
}

async function failure(digits: string): Promise<string> {
  const options = { blocks: Uint8Array.fromHex(digits), now: () => NOW_MS };
  return (await assertRejects(() => createDevChain(options), ImportError)).message;
}

Deno.test("Import executes an exported chain to the same head, and does not seal on top of it", async () => {
  const { blocks, head } = await exportedChain();
  const progress: ImportProgress[] = [];
  using chain = await testChain({
    blocks: Uint8Array.fromHex(blocks.join("")),
    onImport: (step) => progress.push(step),
  });
  assertEquals((await chain.block("latest"))["hash"], head);
  assertEquals(chain.node.dev.automine(), false);
  assertEquals(progress.map(({ number }) => number), [0n, 1n, 2n, 3n]);
  assertEquals(progress.at(-1)?.transactions, 2);
  assertEquals(progress.at(-1)?.bytes, progress.at(-1)?.totalBytes);
  assertEquals((await chain.node.blocks.receiptsOf({ number: 2n }))?.text.includes('"logIndex":"0x0"'), true);
});

Deno.test("Import says which block cannot follow, with number, hash and reason", async () => {
  const { blocks } = await exportedChain();
  const [genesis = "", first = "", second = ""] = blocks;
  const firstHash = /^block 2 \(0x[0-9a-f]{64}\): parent 0x[0-9a-f]{64} is not the head 0x[0-9a-f]{64}$/;
  assertEquals(firstHash.test(await failure(genesis + second)), true);
  assertEquals((await failure(first.slice(0, -20))).startsWith("block 0 of the file cannot be read: rlp:"), true);
  assertEquals((await failure(`${genesis}05`)).startsWith("block 1 of the file cannot be read"), true);
});

Deno.test("Import refuses a block whose header does not agree with its execution", async () => {
  const { blocks } = await exportedChain();
  const [, first = ""] = blocks;
  using chain = await testChain();
  await chain.deploy(1, EMITTER);
  const block = await chain.block(1n);
  const tampered = (field: string, value: string) => failure(first.replace(String(block[field]).slice(2), value));
  const zeros = "0".repeat(64);
  assertEquals(
    (await tampered("stateRoot", zeros)).includes(`invalid merkle root (remote: 0x${zeros} local: 0x`),
    true,
  );
  assertEquals((await tampered("receiptsRoot", zeros)).includes("invalid receipt root hash"), true);
  assertEquals((await tampered("transactionsRoot", zeros)).includes("transaction root hash mismatch"), true);
  assertEquals((await tampered("requestsHash", zeros)).includes("invalid requests hash"), true);
  assertEquals((await tampered("withdrawalsRoot", zeros)).includes("withdrawals root hash mismatch"), true);
});

const OFFICIAL = new URL("../../../../shared/conformance/rpc-compat/", import.meta.url);

async function officialFile(name: string): Promise<Uint8Array | null> {
  return await Deno.readFile(new URL(name, OFFICIAL)).catch(() => null);
}

Deno.test("Import of the official test chain, Frontier to BPO2, ends at its head", async () => {
  const [genesis, blocks, fcu] = await Promise.all(["genesis.json", "chain.rlp", "headfcu.json"].map(officialFile));
  if (!genesis || !blocks || !fcu) return;
  const text = new TextDecoder();
  using chain = await testChain({ genesis: text.decode(genesis), blocks });
  const head = JSON.parse(text.decode(fcu)).params[0].headBlockHash;
  assertEquals((await chain.block("latest"))["hash"], head);
  assertEquals(await chain.head(), 54n);
  const { current, next, last } = (await chain.node.blocks.config()).decode() as Record<string, { forkId: string }>;
  assertEquals([current?.forkId, next, last], ["0xe272ecbe", null, null]);
});
