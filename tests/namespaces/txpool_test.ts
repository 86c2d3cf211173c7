import { assertEquals } from "@std/assert";
import { txpoolRows } from "../../src/namespaces/txpool.ts";
import type { PoolReader } from "../../src/node/mod.ts";
import { CheckedClient } from "../support/checked_client.ts";
import { TestClient } from "../support/test_client.ts";
import { recorder } from "../support/recorder.ts";

type Hex = `0x${string}`;

const OTHER = `0x${"ab".repeat(20)}` as const;
/** EIP-55 of the account that `eth_sendTransaction` sends from, and of OTHER. */
const SENDER = "0x71562b71999873DB5b286dF957af199Ec94617F7";
const OTHER_CHECKSUMMED = "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB";

Deno.test("An empty pool is two empty objects", async () => {
  using client = await CheckedClient.open();
  const empty = { pending: {}, queued: {} };
  assertEquals(await client.call("txpool_content"), empty);
  assertEquals(await client.call("txpool_inspect"), empty);
  assertEquals(await client.call("txpool_contentFrom", OTHER), empty);
  assertEquals(await client.call("txpool_status"), { pending: "0x0", queued: "0x0" });
});

Deno.test("The pool shows transactions by checksummed sender and decimal nonce, those behind a gap apart", async () => {
  using client = await CheckedClient.open();
  await client.chain.dev.setAutomine(false);
  const from = SENDER.toLowerCase();
  const request = { from, to: OTHER, value: "0x7", gas: "0x5208", gasPrice: "0x77359400" };
  const first = await client.call<Hex>("eth_sendTransaction", request);
  const creation = await client.call<Hex>("eth_sendTransaction", {
    from,
    gas: "0x186a0",
    gasPrice: "0x77359400",
    input: "0x00",
  });
  const gapped = await client.call<Hex>("eth_sendTransaction", { ...request, nonce: "0xb" });
  assertEquals(await client.call("txpool_status"), { pending: "0x2", queued: "0x1" });
  const show = async (hash: Hex) => await client.call("eth_getTransactionByHash", hash);
  const own = { pending: { "0": await show(first), "1": await show(creation) }, queued: { "11": await show(gapped) } };
  assertEquals(await client.call("txpool_contentFrom", from), own);
  assertEquals(await client.call("txpool_content"), {
    pending: { [SENDER]: own.pending },
    queued: { [SENDER]: own.queued },
  });
  const line = `${OTHER_CHECKSUMMED}: 7 wei + 21000 gas × 2000000000 wei`;
  assertEquals(await client.call("txpool_inspect"), {
    pending: { [SENDER]: { "0": line, "1": "contract creation: 0 wei + 100000 gas × 2000000000 wei" } },
    queued: { [SENDER]: { "11": line } },
  });
});

Deno.test("txpool_contentFrom reads its address in either case and asks for that one", async () => {
  const { role, calls } = recorder<PoolReader>({ contentFrom: { pending: {}, queued: {} } });
  using caller = new TestClient([{ namespace: "txpool", methods: txpoolRows(role) }]);
  await caller.result("txpool_contentFrom", [OTHER_CHECKSUMMED]);
  assertEquals(calls, [["contentFrom", OTHER]]);
});
