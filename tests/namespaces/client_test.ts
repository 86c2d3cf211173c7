import { assertEquals, assertMatch } from "@std/assert";
import { ethClientRows } from "../../src/namespaces/eth/client.ts";
import { ethFeeMarketRows } from "../../src/namespaces/eth/fee_market.ts";
import { netRows } from "../../src/namespaces/net.ts";
import { clientVersion, web3Rows } from "../../src/namespaces/web3.ts";
import { ethPendingRows } from "../../src/namespaces/eth/pending.ts";
import type { Quantity } from "../../src/eth/types.ts";
import type { BlockReader, IdentityReader, PoolReader } from "../../src/node/mod.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { TestClient } from "../support/test_client.ts";
import { recorder } from "../support/recorder.ts";

const MINE = `0x${"aa".repeat(20)}` as const;
const OTHER = `0x${"bb".repeat(20)}` as const;

function client(answers: { readonly [method: string]: unknown } = {}) {
  const { role: blocks, calls } = recorder<BlockReader>({ headNumber: "0x11", ...answers });
  const { role: pool } = recorder<PoolReader>({
    pendingOf: (senders: ReadonlySet<string>) => RawJson.of([MINE, OTHER].filter((from) => senders.has(from))),
  });
  const chain: { id: Quantity } = { id: "0x539" };
  const identity: IdentityReader = { chainId: () => chain.id, networkId: () => "0x20000000000001" };
  const rows = {
    ...ethClientRows({ node: { identity, blocks } }),
    ...ethFeeMarketRows({ blocks }),
    ...ethPendingRows({ pool, accounts: { list: () => [MINE] } }),
  };
  const caller = new TestClient([
    { namespace: "eth", methods: rows },
    { namespace: "net", methods: netRows({ identity }) },
    { namespace: "web3", methods: web3Rows({ clientVersion: clientVersion("1.2.3") }) },
  ]);
  return { caller, calls, chain };
}

Deno.test("eth_chainId, net_version and eth_blockNumber say which chain this is and how long", async () => {
  const { caller, chain } = client();
  assertEquals(await caller.result("eth_chainId"), "0x539");
  assertEquals(await caller.result("net_version"), "9007199254740993");
  assertEquals(await caller.result("eth_blockNumber"), "0x11");
  // The identity can change while the server runs (anvil_setChainId).
  chain.id = "0x1";
  assertEquals(await caller.result("eth_chainId"), "0x1");
  caller[Symbol.dispose]();
});

Deno.test("eth_blockNumber waits for a node that has to ask", async () => {
  const { caller } = client({ headNumber: () => Promise.resolve("0xff") });
  assertEquals(await caller.result("eth_blockNumber"), "0xff");
  caller[Symbol.dispose]();
});

Deno.test("eth_pendingTransactions shows what this node's own accounts sent", async () => {
  const { caller } = client();
  assertEquals(await caller.result("eth_pendingTransactions"), [MINE]);
  caller[Symbol.dispose]();
});

Deno.test("eth_feeHistory takes its count in three spellings, and null for no percentiles", async () => {
  const { caller, calls } = client({ feeHistory: null });
  for (const params of [["0x4", "latest", [25, 75.5]], [4, "0x1", null], ["4", "pending", []]]) {
    await caller.result("eth_feeHistory", params);
  }
  assertEquals(calls, [
    ["feeHistory", 4, { tag: "latest" }, [25, 75.5]],
    ["feeHistory", 4, { number: 1n }, []],
    ["feeHistory", 4, { tag: "pending" }, []],
  ]);
  const { error } = await caller.call("eth_feeHistory", ["0x4", "latest", ["25"]]);
  assertEquals(error?.message, "invalid argument 2: json: cannot unmarshal string into Go value of type float64");
  const missing = await caller.call("eth_feeHistory", ["0x4", "latest"]);
  assertEquals(missing.error, { code: -32602, message: "missing value for required argument 2" });
  caller[Symbol.dispose]();
});

Deno.test("The client's version begins with what each tool looks for, where its namespace is served", () => {
  const name = (...namespaces: string[]) => clientVersion("1.2.3", namespaces).replace(/\/deno\/.*/, "");
  assertEquals(name("eth", "debug", "evm"), "Sallyport/v1.2.3");
  assertEquals(name("anvil", "eth"), "anvil/Sallyport/v1.2.3");
  assertEquals(name("hardhat"), "HardhatNetwork/Sallyport/v1.2.3");
  assertEquals(name("anvil", "hardhat"), "HardhatNetwork/anvil/Sallyport/v1.2.3");
});

Deno.test("net and web3 answer what clients ask first", async () => {
  const { caller } = client();
  assertEquals(await caller.result("net_listening"), true);
  assertEquals(await caller.result("net_peerCount"), "0x0");
  assertMatch(String(await caller.result("web3_clientVersion")), /^Sallyport\/v1\.2\.3\/deno\/\d+\.\d+\.\d+/);
  assertEquals(
    await caller.result("web3_sha3", ["0x68656c6c6f20776f726c64"]),
    "0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad",
  );
  assertEquals(
    await caller.result("web3_sha3", ["0x"]),
    "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
  );
  caller[Symbol.dispose]();
});
