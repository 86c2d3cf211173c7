import { assertEquals } from "@std/assert";
import { decodeTransaction } from "../../src/primitives/transaction_codec.ts";
import { parseTransaction, recoverTransactionAddress } from "../clients/viem.ts";
import type { TransactionSerializedEIP1559 } from "../clients/viem.ts";
import { KEY, KEY_ADDRESS, PASSWORD } from "../accounts/capture.ts";
import { DEV, STRANGER, withAccountServer } from "./account_server.ts";

const TO = STRANGER;
const WHOLE = { gas: "0x5208", gasPrice: "0x3b9aca00", nonce: "0x0" };

function failure(message: string) {
  return { code: -32000, message };
}

Deno.test("eth_accounts and eth_requestAccounts list the chain's accounts, then the keystore's", async () => {
  await withAccountServer({ keystore: true }, async ({ call }) => {
    await call("personal_importRawKey", KEY, PASSWORD);
    for (const method of ["eth_accounts", "eth_requestAccounts", "personal_listAccounts"]) {
      assertEquals((await call(method)).result, [DEV.address, KEY_ADDRESS]);
    }
  });
});

Deno.test("eth_accounts lists impersonated accounts behind those with a key, each once, until they are no longer", async () => {
  await withAccountServer({}, async ({ call, ledger }) => {
    for (const address of [STRANGER, DEV.address] as const) ledger.impersonated.add(address);
    for (const method of ["eth_accounts", "eth_requestAccounts"]) {
      assertEquals((await call(method)).result, [DEV.address, STRANGER]);
    }
    assertEquals((await call("personal_listAccounts")).result, [DEV.address]);
    ledger.impersonated.clear();
    assertEquals((await call("eth_accounts")).result, [DEV.address]);
  });
});

Deno.test("A dev account sends without being unlocked", async () => {
  await withAccountServer({ exposure: { insecureUnlock: "off" } }, async ({ call, ledger }) => {
    const { result } = await call("eth_sendTransaction", { from: DEV.address, to: TO, value: "0x1" });
    assertEquals(typeof result, "string");
    assertEquals(ledger.taken, [{ from: DEV.address, nonce: 0n, signed: true }]);
  });
});

Deno.test("Transactions sent at once get consecutive nonces", async () => {
  await withAccountServer({}, async ({ call, connect, ledger }) => {
    const second = await connect();
    // Each fill picks its nonce and then lets all others run, which is when a second one would pick the same.
    ledger.beforeFill = () => new Promise((resolve) => setTimeout(resolve, 2));
    const request = { from: DEV.address, to: TO };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? call : second)("eth_sendTransaction", request)),
    );
    assertEquals(answers.map(({ error }) => error), new Array(10).fill(undefined));
    assertEquals(new Set(answers.map(({ result }) => result)).size, 10);
    assertEquals(ledger.taken.map(({ nonce }) => nonce), [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
  });
});

Deno.test("A failed transaction frees its nonce for the next one", async () => {
  await withAccountServer({}, async ({ call, ledger }) => {
    const dear = call("eth_sendTransaction", { from: DEV.address, to: TO, gasPrice: "0xffffffffffff" });
    const cheap = call("eth_sendTransaction", { from: DEV.address, to: TO });
    assertEquals((await dear).error, failure("tx fee (5.91 ether) exceeds the configured cap (1.00 ether)"));
    assertEquals((await cheap).error, undefined);
    assertEquals(ledger.taken.map(({ nonce }) => nonce), [0n]);
  });
});

Deno.test("Sending fails for an unknown, a missing and a locked account as geth does", async () => {
  await withAccountServer({ keystore: true }, async ({ call, ledger }) => {
    await call("personal_importRawKey", KEY, PASSWORD);
    const send = async (request: unknown) => (await call("eth_sendTransaction", request)).error;
    assertEquals(await send({ from: STRANGER, to: TO }), failure("unknown account"));
    assertEquals(await send({ to: TO }), failure("unknown account"));
    assertEquals(await send({ from: KEY_ADDRESS, to: TO }), failure("authentication needed: password or unlock"));
    assertEquals(
      await send({ from: DEV.address, to: TO, maxFeePerBlobGas: "0x1" }),
      failure("signing blob transactions not supported"),
    );
    assertEquals(ledger.taken, []);
  });
});

Deno.test("The fee cap is the flag's, for each way to send or sign; 0 is no cap", async () => {
  const dear = { from: DEV.address, to: TO, ...WHOLE, gasPrice: "0xffffffffffff" };
  const calls: [string, unknown[]][] = [
    ["eth_sendTransaction", [dear]],
    ["eth_signTransaction", [dear]],
    ["personal_sendTransaction", [dear, ""]],
    ["personal_signTransaction", [dear, ""]],
  ];
  await withAccountServer({ feeCap: 5n * 10n ** 17n }, async ({ call, ledger }) => {
    for (const [method, params] of calls) {
      const { error } = await call(method, ...params);
      assertEquals(error, failure("tx fee (5.91 ether) exceeds the configured cap (0.50 ether)"), method);
    }
    assertEquals(ledger.taken, []);
  });
  await withAccountServer({ feeCap: 0n }, async ({ call }) => {
    assertEquals((await call("eth_sendTransaction", dear)).error, undefined);
  });
});

Deno.test("An impersonated account sends without a key, also under the fee cap; its neighbour is unknown", async () => {
  await withAccountServer({}, async ({ call, ledger }) => {
    ledger.impersonated.add(STRANGER);
    assertEquals((await call("eth_sendTransaction", { from: STRANGER, to: TO })).error, undefined);
    assertEquals(ledger.taken, [{ from: STRANGER, nonce: 0n, signed: false }]);
    const { error } = await call("eth_sendTransaction", { from: STRANGER, to: TO, gasPrice: "0xffffffffffff" });
    assertEquals(error, failure("tx fee (5.91 ether) exceeds the configured cap (1.00 ether)"));
    const signing = await call("eth_signTransaction", { from: STRANGER, to: TO, ...WHOLE });
    assertEquals(signing.error, failure("unknown account"));
  });
});

Deno.test("eth_signTransaction answers raw and tx, signed by the account, and sends nothing", async () => {
  await withAccountServer({}, async ({ call, ledger }) => {
    const { result } = await call("eth_signTransaction", { from: DEV.address, to: TO, value: "0x7", ...WHOLE });
    const { raw, tx } = result as { raw: TransactionSerializedEIP1559; tx: Record<string, unknown> };
    assertEquals((await recoverTransactionAddress({ serializedTransaction: raw })).toLowerCase(), DEV.address);
    assertEquals(parseTransaction(raw).value, 7n);
    assertEquals([tx.nonce, tx.value, tx.to], ["0x0", "0x7", TO]);
    assertEquals(ledger.taken, []);
  });
});

Deno.test("eth_signTransaction wants gas, a price and a nonce, in geth's order and words", async () => {
  await withAccountServer({}, async ({ call }) => {
    const cases: [Record<string, string>, string][] = [
      [{}, "gas not specified"],
      [{ gas: "0x5208" }, "missing gasPrice or maxFeePerGas/maxPriorityFeePerGas"],
      [{ gas: "0x5208", maxFeePerGas: "0x1" }, "missing gasPrice or maxFeePerGas/maxPriorityFeePerGas"],
      [{ gas: "0x5208", gasPrice: "0x1" }, "nonce not specified"],
    ];
    for (const [fields, message] of cases) {
      assertEquals((await call("eth_signTransaction", { from: DEV.address, ...fields })).error, failure(message));
    }
    const unknown = await call("eth_signTransaction", { to: TO, ...WHOLE });
    assertEquals(unknown.error, failure("unknown account"));
  });
});

Deno.test("eth_fillTransaction completes for any sender and neither signs nor sends", async () => {
  await withAccountServer({}, async ({ call, ledger }) => {
    const { result } = await call("eth_fillTransaction", { from: STRANGER, to: TO });
    const { raw, tx } = result as { raw: `0x${string}`; tx: Record<string, unknown> };
    assertEquals([tx.gas, tx.nonce, tx.r, tx.s], ["0x5208", "0x0", "0x0", "0x0"]);
    assertEquals(decodeTransaction(raw.slice(2)).transaction.r, 0n);
    assertEquals(ledger.taken, []);
  });
});
