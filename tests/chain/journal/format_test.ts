import { assertEquals } from "@std/assert";
import { FORMAT, MIGRATIONS } from "../../../src/chain/journal/schema.ts";
import { keccakDigits } from "../../../src/primitives/hash.ts";
import { ZERO_ADDRESS } from "../../../src/primitives/hex.ts";
import type { TestChain } from "../fixture.ts";
import { ChainFolder } from "./stored_chain.ts";

/** What every file in `formats/` holds: `formats/make.ts` made each when its format was the present one. */
const HEAD = "0x0aa6582b75fb9e4338564cbd696a81e51c48798a23675dacc8f08d8f1b48cc33";
const CHAIN = {
  head: ["0x12f", HEAD],
  chainId: "0x539",
  baseFee: "0x7",
  snapshots: [{ id: "0x1", number: "0x12f", hash: HEAD }],
  receipts: [["0x032c5791fb49051209dbd5b853b81f974cf9cc09c56665535a40f55e01a5a2a2", 1]],
  stateRoots: [
    "0xd54d2457e26c3dbd7c76d3ac8d74a1e56ee0807eafa49154beb9a6365b10230a",
    "0x57a227cd8fb5b892186d21a60496ed980f15585690c9407ee6d6ced8c19db6c6",
    "0xaa7feef9a3304eba88ee61f45ded55dc9935cd2c13db2a4b42222a60ccad6581",
  ],
  waiting: [
    ["pending", ["0x9999999999999999999999999999999999999999", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"]],
    ["queued", ["0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"]],
  ],
  impersonated: ["0x9999999999999999999999999999999999999999"],
  automine: false,
};

async function facts({ node }: TestChain): Promise<unknown> {
  const { dev } = node;
  const { currentBlockNumber, currentBlockHash, chainId, baseFee, snapshots } = await dev.nodeInfo();
  const content = (await node.pool.content()).decode() as Record<string, Record<string, Record<string, object>>>;
  return {
    head: [currentBlockNumber, currentBlockHash],
    chainId,
    baseFee,
    snapshots,
    receipts:
      ((await node.blocks.receiptsOf({ number: 2n }))?.decode() as { transactionHash: string; logs: unknown[] }[])
        .map(({ transactionHash, logs }) => [transactionHash, logs.length]),
    stateRoots: await Promise.all([2n, 100n, 303n].map(async (number) => {
      const proof = (await node.state.proof(ZERO_ADDRESS, [], { number })).decode() as { accountProof: string[] };
      return keccakDigits(proof.accountProof[0]?.slice(2) ?? "");
    })),
    waiting: Object.entries(content).map(([kind, accounts]) => [kind, Object.keys(accounts)]),
    impersonated: await dev.impersonated(),
    automine: await dev.automine(),
  };
}

for (let format = 1; format <= FORMAT; format++) {
  Deno.test(`A file of format ${format} is opened, and is the chain that it was`, async () => {
    await using folder = new ChainFolder();
    const file = new URL(`formats/format_${format}.sqlite`, import.meta.url);
    Deno.copyFileSync(file, `${folder.path}/chain.sqlite`);
    for (let opening = 0; opening < 2; opening++) {
      const chain = await folder.open();
      assertEquals(await facts(chain), CHAIN);
      chain.node.close();
      await folder.closed();
    }
    using chain = await folder.open();
    assertEquals(await chain.node.dev.revert("0x1"), true);
    await chain.node.dev.mine(1n);
    assertEquals(((await chain.block("latest"))["transactions"] as unknown[]).length, 1);
  });
}

Deno.test("There is a migration from each older format", () => {
  assertEquals(MIGRATIONS.length, FORMAT - 1);
});
