import { assertEquals } from "@std/assert";
import { recoverTransactionAddress } from "../clients/viem.ts";
import type { TransactionSerialized } from "../clients/viem.ts";
import { createAccounts } from "../../src/accounts/mod.ts";
import { createDevChain, type EmbeddedChain } from "../../src/chain/mod.ts";
import { ethAccountRows } from "../../src/namespaces/eth/account.ts";
import { wireRawAndTransaction } from "../../src/namespaces/eth/outgoing.ts";
import { captureLog } from "../accounts/capture.ts";
import { TestClient } from "../support/test_client.ts";

const EXPOSURE = { networkEndpoint: true, insecureUnlock: "off", address: "127.0.0.1", origins: [] } as const;
const NOBODY = "0x00000000000000000000000000000000000000aa";

/** The embedded chain with its own accounts, as the server puts them together. */
async function withChain(use: (parts: { chain: EmbeddedChain; client: TestClient }) => Promise<void>): Promise<void> {
  const chain = await createDevChain({ now: () => 1_800_000_000_000 });
  const accounts = await createAccounts({ devAccounts: chain.accounts, exposure: EXPOSURE, log: captureLog() });
  const rows = ethAccountRows({ node: chain, accounts, policy: { feeCap: 10n ** 18n } });
  using client = new TestClient([{ namespace: "eth", methods: rows }]);
  try {
    await use({ chain, client });
  } finally {
    accounts.close();
    chain.close();
  }
}

Deno.test("Every funded account of the chain is listed and can send", async () => {
  await withChain(async ({ chain, client }) => {
    const addresses = chain.accounts.map(({ address }) => address);
    assertEquals(await client.result("eth_accounts"), addresses);
    for (const from of addresses) await client.result("eth_sendTransaction", [{ from, to: NOBODY, value: "0x1" }]);
    assertEquals(await chain.state.balance(NOBODY, { tag: "latest" }), `0x${addresses.length.toString(16)}`);
  });
});

Deno.test("An impersonated account is listed behind the chain's own, as long as it is impersonated", async () => {
  await withChain(async ({ chain, client }) => {
    const own = chain.accounts.map(({ address }) => address);
    await chain.dev.impersonate(NOBODY);
    await chain.dev.impersonate(own[1] ?? NOBODY);
    assertEquals(await client.result("eth_accounts"), [...own, NOBODY]);
    assertEquals(await client.result("eth_requestAccounts"), [...own, NOBODY]);
    await chain.dev.stopImpersonating(NOBODY);
    assertEquals(await client.result("eth_accounts"), own);
  });
});

Deno.test("Transactions sent at once from one account are all mined", async () => {
  await withChain(async ({ chain, client }) => {
    const from = chain.accounts[1]?.address ?? NOBODY;
    const hashes = await Promise.all(
      Array.from({ length: 8 }, () => client.result("eth_sendTransaction", [{ from, to: NOBODY, value: "0x1" }])),
    );
    assertEquals(new Set(hashes).size, 8);
    assertEquals(await chain.state.nonce(from, { tag: "latest" }), "0x8");
  });
});

Deno.test("Each type of transaction is filled and signed for its sender, in the shape that the row promises", async () => {
  await withChain(async ({ chain, client }) => {
    const from = chain.accounts[1]?.address ?? NOBODY;
    const legacy = { gasPrice: "0x77359400" };
    const dynamic = { maxFeePerGas: "0x77359400", maxPriorityFeePerGas: "0x1" };
    const authorization = { chainId: "0x0", address: NOBODY, nonce: "0x0", yParity: "0x0", r: "0x1", s: "0x1" };
    const requests = [
      ["0x0", legacy],
      ["0x1", { ...legacy, accessList: [] }],
      ["0x2", dynamic],
      ["0x4", { ...dynamic, authorizationList: [authorization] }],
    ] as const;
    for (const [type, fields] of requests) {
      const request = { from, to: NOBODY, gas: "0xffff", nonce: "0x0", ...fields };
      for (const method of ["eth_fillTransaction", "eth_signTransaction"]) {
        const { raw, tx } = wireRawAndTransaction.read(await client.result(method, [request]));
        assertEquals(tx.type, type, method);
        if (method === "eth_fillTransaction") continue;
        const signer = await recoverTransactionAddress({ serializedTransaction: raw as TransactionSerialized });
        assertEquals(signer.toLowerCase(), from);
      }
    }
  });
});

Deno.test("An impersonated account sends until it is no longer impersonated", async () => {
  await withChain(async ({ chain, client }) => {
    await chain.dev.setBalance(NOBODY, 10n ** 18n);
    const request = [{ from: NOBODY, to: NOBODY, value: "0x1" }];
    await chain.dev.impersonate(NOBODY);
    await client.result("eth_sendTransaction", request);
    assertEquals(await chain.state.nonce(NOBODY, { tag: "latest" }), "0x1");
    await chain.dev.stopImpersonating(NOBODY);
    const { error } = await client.call("eth_sendTransaction", request);
    assertEquals(error, { code: -32000, message: "unknown account" });
  });
});
