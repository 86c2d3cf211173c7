import { assertEquals } from "@std/assert";
import { ethSubmitRows } from "../../src/namespaces/eth/submit.ts";
import type { BlockReader, SendOptions, Submitter } from "../../src/node/mod.ts";
import { serverError } from "../../src/rpc/error.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import type { waitForReceipt } from "../../src/namespaces/eth/wait_for_receipt.ts";
import type { ChainEventSource } from "../../src/events/mod.ts";
import { TestClient } from "../support/test_client.ts";
import { recorder } from "../support/recorder.ts";
import { unreachable } from "../support/unreachable.ts";

const HASH = `0x${"cc".repeat(32)}`;

function client(answers: { readonly [method: string]: unknown }) {
  const { role: submit, calls } = recorder<Submitter>(answers);
  const { role: waiter, calls: waits } = recorder<{ wait: typeof waitForReceipt }>(answers);
  const node = { submit, blocks: unreachable<BlockReader>("blocks"), events: unreachable<ChainEventSource>("events") };
  const methods = ethSubmitRows({ node, policy: { feeCap: 10n ** 18n }, wait: waiter.wait });
  return { calls, waits, caller: new TestClient([{ namespace: "eth", methods }]) };
}

Deno.test("eth_sendRawTransaction answers the hash, or the pool's error as it is", async () => {
  const taken = client({ sendRaw: HASH });
  assertEquals(await taken.caller.result("eth_sendRawTransaction", ["0xAB"]), HASH);
  assertEquals(taken.calls.map((call) => call.slice(0, 2)), [["sendRaw", "0xab"]]);
  const refused = client({ sendRaw: () => Promise.reject(serverError("already known")) });
  const { error } = await refused.caller.call("eth_sendRawTransaction", ["0xab"]);
  assertEquals(error, { code: -32000, message: "already known" });
  taken.caller[Symbol.dispose]();
  refused.caller[Symbol.dispose]();
});

Deno.test("eth_sendRawTransaction holds a signed transaction to --rpc.txfeecap", async () => {
  const { caller } = client({
    sendRaw: (_raw: string, { checkFee }: SendOptions) => {
      checkFee(10n ** 20n);
      return HASH;
    },
  });
  for (const name of ["eth_sendRawTransaction", "eth_sendRawTransactionSync"]) {
    const { error } = await caller.call(name, ["0xab"]);
    assertEquals(error, {
      code: -32000,
      message: "tx fee (100.00 ether) exceeds the configured cap (1.00 ether)",
    });
  }
  caller[Symbol.dispose]();
});

Deno.test("eth_sendRawTransactionSync waits as long as was wished, 20 s by default and a minute at most", async () => {
  const { caller, waits } = client({ sendRaw: HASH, wait: RawJson.of({ status: "0x1" }) });
  for (const params of [["0x00"], ["0x00", null], ["0x00", 0], ["0x00", 1500], ["0x00", 3_600_000]]) {
    assertEquals(await caller.result("eth_sendRawTransactionSync", params), { status: "0x1" });
  }
  const wished = waits.map(([_name, _node, options]) => options as { hash: string; timeoutMs: number });
  assertEquals(
    wished.map(({ hash, timeoutMs }) => [hash, timeoutMs]),
    [20_000, 20_000, 20_000, 1500, 60_000].map((timeoutMs) => [HASH, timeoutMs]),
  );
  caller[Symbol.dispose]();
});

Deno.test("eth_sendRawTransactionSync that is not mined in time fails with code 4 and the hash (EIP-7966)", async () => {
  const { caller } = client({ sendRaw: HASH, wait: null });
  const texts: [number | null, string][] = [[null, "20s"], [1, "1ms"], [1500, "1.5s"], [60_000, "1m0s"]];
  for (const [wish, text] of texts) {
    const { error } = await caller.call("eth_sendRawTransactionSync", ["0x00", wish]);
    assertEquals(error, {
      code: 4,
      message: `The transaction was added to the transaction pool but wasn't processed in ${text}`,
      data: HASH,
    });
  }
  caller[Symbol.dispose]();
});
