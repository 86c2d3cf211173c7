import { assertEquals, assertRejects } from "@std/assert";
import { blockChoice, readForkBlock } from "../../src/fork/block.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";

const HASH = `0x${"ab".repeat(32)}` as const;

/** A block in Shanghai, made up. */
const SHANGHAI = {
  baseFeePerGas: "0x45cf3e1a8",
  difficulty: "0x0",
  extraData: "0x",
  gasLimit: "0x1c9c380",
  gasUsed: "0x0",
  hash: HASH,
  logsBloom: `0x${"0".repeat(512)}`,
  miner: `0x${"CD".repeat(20)}`,
  mixHash: `0x${"12".repeat(32)}`,
  nonce: "0x0000000000000000",
  number: "0x7",
  parentHash: `0x${"34".repeat(32)}`,
  receiptsRoot: `0x${"56".repeat(32)}`,
  sha3Uncles: `0x${"78".repeat(32)}`,
  stateRoot: `0x${"9a".repeat(32)}`,
  timestamp: "0x643a4d7f",
  transactions: [],
  transactionsRoot: `0x${"bc".repeat(32)}`,
  withdrawalsRoot: `0x${"de".repeat(32)}`,
};

/** An upstream that answers with `block`, and keeps what it was asked. */
function upstream(block: unknown) {
  const asked: unknown[] = [];
  return {
    asked,
    ask(method: string, params: readonly unknown[]) {
      asked.push([method, ...params]);
      return Promise.resolve(RawJson.of(method === "eth_blockNumber" ? "0x9" : block));
    },
  };
}

Deno.test("blockChoice reads numbers, hashes, tags and how far below the newest block", () => {
  assertEquals(blockChoice("17"), { number: 17n });
  assertEquals(blockChoice("0x11"), { number: 17n });
  assertEquals(blockChoice(HASH.toUpperCase().replace("0X", "0x")), { hash: HASH });
  assertEquals(blockChoice("-5"), { below: 5n });
  for (const tag of ["latest", "safe", "finalized", "earliest"] as const) assertEquals(blockChoice(tag), { tag });
  for (const text of ["", "pending", "0x", "1.5", `${HASH}00`]) assertEquals(blockChoice(text), null, text);
});

Deno.test("readForkBlock asks for the block by what it is named by", async () => {
  const node = upstream(SHANGHAI);
  const block = await readForkBlock(node, { number: 7n });
  assertEquals([block.hash, block.header.number, block.header.coinbase], [HASH, 7n, `0x${"cd".repeat(20)}`]);
  // Its own hash is another one, since it is made up.
  assertEquals([block.isEthereum, block.totalDifficulty], [false, 0n]);
  await readForkBlock(node, { tag: "finalized" });
  await readForkBlock(node, { hash: HASH });
  await readForkBlock(node, { below: 2n });
  assertEquals(node.asked, [
    ["eth_getBlockByNumber", "0x7", false],
    ["eth_getBlockByNumber", "finalized", false],
    ["eth_getBlockByHash", HASH, false],
    ["eth_blockNumber"],
    ["eth_getBlockByNumber", "0x7", false],
  ]);
});

Deno.test("readForkBlock says which block there is not, and which field cannot be used", async () => {
  const missing = upstream(null);
  await assertRejects(() => readForkBlock(missing, { number: 8n }), RpcError, "the upstream does not have block 8");
  await assertRejects(
    () => readForkBlock(missing, { hash: HASH }),
    RpcError,
    `the upstream does not have block ${HASH}`,
  );
  await assertRejects(() => readForkBlock(missing, { below: 10n }), RpcError, "the upstream has only 9 blocks");
  for (
    const [field, value] of [["hash", "0x12"], ["stateRoot", undefined], ["number", 7], ["logsBloom", "0x"]] as const
  ) {
    const node = upstream({ ...SHANGHAI, [field]: value });
    await assertRejects(() => readForkBlock(node, { number: 7n }), RpcError, `without a usable ${field}`);
  }
  const other = upstream(SHANGHAI);
  await assertRejects(
    () => readForkBlock(other, { hash: `0x${"00".repeat(32)}` }),
    RpcError,
    "the upstream answered another block",
  );
  await assertRejects(() => readForkBlock(other, { number: 8n }), RpcError, "the upstream answered another block");
});
