import { assert, assertEquals } from "@std/assert";
import { exposureUnknown, openService } from "../../src/app/service.ts";
import { configFrom } from "../../src/cli/mod.ts";
import { networkEncoding } from "../../src/primitives/signed_transaction.ts";

const SIGNAL = new AbortController().signal;
const REFUSED_TIP = "transaction gas price below minimum: gas tip cap 0, minimum needed 1";
const REFUSED_UNPROTECTED = "only replay-protected (EIP-155) transactions allowed over RPC";

/** The answers to a transaction without a tip, and to one without a chain id. */
async function answers(options: Parameters<typeof configFrom>[0]): Promise<readonly string[]> {
  const config = configFrom({ ws: true, ...options });
  const service = await openService(config, {
    version: "test",
    exposure: exposureUnknown(config),
    inputs: { genesis: undefined, blocks: undefined, passwords: undefined },
  });
  const { submit, dev } = service.node;
  const [, account] = service.devAccounts;
  assert(account !== undefined);
  const from = account.address;
  try {
    const free = await submit.fill({ from, to: from, maxPriorityFeePerGas: 0n }, SIGNAL);
    const tip = await dev?.sendUnsigned(free).then(() => "taken", (error) => error.message);
    const { transaction } = await submit.fill({ from, to: from, gasPrice: 2n * 10n ** 9n }, SIGNAL);
    // The signature is of an account that owns nothing.
    const bare = networkEncoding({ ...transaction, chainId: undefined, v: 27n, r: 1n, s: 1n }, null);
    const unprotected = await submit.sendRaw(bare).then(() => "taken", (error) => error.message);
    return [tip, unprotected.startsWith("insufficient funds") ? "looked at" : unprotected];
  } finally {
    service.close();
  }
}

Deno.test("A chain under test takes transactions without a tip and without a chain id, others only by flag", async () => {
  assertEquals(await answers({ "ws.api": ["eth", "anvil"] }), ["taken", "looked at"]);
  assertEquals(await answers({ "ws.api": ["eth", "hardhat"] }), ["taken", "looked at"]);
  assertEquals(await answers({ "ws.api": ["eth"] }), [REFUSED_TIP, REFUSED_UNPROTECTED]);
  const flags = { "miner.gasprice": 0, "rpc.allow-unprotected-txs": true };
  assertEquals(await answers({ "ws.api": ["eth"], ...flags }), ["taken", "looked at"]);
});
