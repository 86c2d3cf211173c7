import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { readAddress } from "../../src/upstream/address.ts";
import { createPinnedNode, type PinnedNode } from "../../src/upstream/pinned_node.ts";
import { FakeClock } from "../support/fake_clock.ts";

const HASH = `0x${"ab".repeat(32)}` as const;
const ADDRESS = `0x${"cd".repeat(20)}` as const;
const BLOCK = {
  number: "0x64",
  hash: HASH,
  parentHash: `0x${"12".repeat(32)}`,
  timestamp: "0x1",
  logsBloom: `0x${"0".repeat(512)}`,
};

type Answer = (method: string, params: readonly unknown[]) => unknown;

/** A node pinned to block 100 over one upstream that answers as told; `asked` is what it was asked. */
async function pinned(
  answer: Answer,
  use: (node: PinnedNode, asked: unknown[][], clock: FakeClock) => Promise<void>,
): Promise<void> {
  const clock = new FakeClock();
  const asked: unknown[][] = [];
  const node = createPinnedNode({
    upstreams: [{ name: "a", address: readAddress("http://127.0.0.1:1"), priority: 0, timeoutMs: 1_000 }],
    waitMs: 1_000,
    cacheBytes: 1_000_000,
    log: { info() {}, warn() {} },
    clock,
    connector: () =>
      Promise.resolve({
        call(method: string, params: string) {
          const list = JSON.parse(params);
          if (method === "eth_chainId") return Promise.resolve(RawJson.of("0x7"));
          if (method === "eth_capabilities") return Promise.reject(new RpcError(-32601, "no such method"));
          asked.push([method, ...list]);
          const result = answer(method, list);
          return result instanceof Error ? Promise.reject(result) : Promise.resolve(RawJson.of(result));
        },
        close() {},
      }),
  });
  try {
    await node.connected();
    node.pin(RawJson.of(BLOCK));
    await use(node, asked, clock);
  } finally {
    node.close();
  }
}

Deno.test("A pinned node follows no heads, and its newest block is the one that it was given", async () => {
  await pinned(() => BLOCK, async ({ blocks, events }, asked) => {
    assertEquals([await blocks.headNumber(), events.headNumber(), asked], ["0x64", 100n, []]);
    assertEquals((await blocks.block({ tag: "latest" }, false))?.decode(), BLOCK);
    assertEquals(await blocks.block({ number: 101n }, false), null);
    assertEquals(asked, [["eth_getBlockByHash", HASH, false]]);
  });
});

Deno.test("A pinned node reads the state at its block by hash, and what is below it by number, which it keeps", async () => {
  await pinned(() => "0x5", async (node, asked) => {
    const read = async () => (await node.atBlock("eth_getBalance", [ADDRESS])).decode();
    assertEquals([await read(), await read()], ["0x5", "0x5"]);
    for (let times = 0; times < 2; times++) assertEquals(await node.state.balance(ADDRESS, { number: 99n }), "0x5");
    assertEquals(asked, [
      ["eth_getBalance", ADDRESS, { blockHash: HASH }],
      ["eth_getBalance", ADDRESS, { blockHash: HASH }],
      ["eth_getBalance", ADDRESS, "0x63"],
    ]);
  });
});

Deno.test("A pinned node asks by number where hashes are refused, and only while its block is on that chain", async () => {
  let hash: string = HASH;
  const answer: Answer = (method, params) => {
    if (method.startsWith("eth_getBlockBy")) return { ...BLOCK, hash: method === "eth_getBlockByHash" ? HASH : hash };
    return typeof params[1] === "string" ? "0x6" : new RpcError(-32602, "invalid argument 1: hex string expected");
  };
  await pinned(answer, async (node, asked, clock) => {
    assertEquals((await node.atBlock("eth_getBalance", [ADDRESS])).decode(), "0x6");
    assertEquals(asked.slice(0, 2), [
      ["eth_getBalance", ADDRESS, { blockHash: HASH }],
      ["eth_getBalance", ADDRESS, "0x64"],
    ]);
    hash = `0x${"ef".repeat(32)}`;
    const refused = assertRejects(() => node.atBlock("eth_getBalance", [ADDRESS]), RpcError, "no upstream can answer");
    await clock.advance(2_000);
    assertEquals((await refused).code, -32002);
  });
});

Deno.test("A pinned node says so when nobody keeps the state of its block any more", async () => {
  const gone = new RpcError(-32000, "missing trie node 00 (path ) state 0x00 is not available");
  await pinned(() => gone, async (node) => {
    const error = await assertRejects(() => node.atBlock("eth_getCode", [ADDRESS]), RpcError);
    assertEquals([error.code, error.message], [
      -32000,
      `${gone.message} (no upstream keeps the state of block 100 any more)`,
    ]);
  });
});
