import { assertEquals, assertRejects } from "@std/assert";
import { createDevChain } from "../../src/chain/mod.ts";
import { waitForReceipt } from "../../src/namespaces/eth/wait_for_receipt.ts";
import type { Hash } from "../../src/eth/types.ts";

const UNKNOWN: Hash = `0x${"1".repeat(64)}`;

Deno.test("Waiting for a receipt ends with the block, with null after its time, and with the caller's end", async () => {
  const node = await createDevChain({ automine: false });
  try {
    const { signal } = new AbortController();
    const from = node.accounts[0]?.address ?? "0x";
    await node.dev.impersonate(from);
    const hash = await node.dev.sendUnsigned(await node.submit.fill({ from, to: from }, signal));
    assertEquals(await waitForReceipt(node, { hash, timeoutMs: 1, signal }), null);
    const waiting = waitForReceipt(node, { hash, timeoutMs: 10_000, signal });
    await node.dev.mine(1n);
    assertEquals(((await waiting)?.decode() as { transactionHash: Hash }).transactionHash, hash);
    assertEquals((await waitForReceipt(node, { hash, timeoutMs: 10_000, signal }))?.text, (await waiting)?.text);
    const controller = new AbortController();
    const aborted = waitForReceipt(node, { hash: UNKNOWN, timeoutMs: 10_000, signal: controller.signal });
    controller.abort(new Error("gone"));
    await assertRejects(() => aborted, Error, "gone");
    await assertRejects(
      () => waitForReceipt(node, { hash, timeoutMs: 10_000, signal: controller.signal }),
      Error,
      "gone",
    );
  } finally {
    node.close();
  }
});
