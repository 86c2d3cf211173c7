import { assertEquals, assertRejects } from "@std/assert";
import type { Data, Hash } from "../../../src/eth/types.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "../../../src/primitives/hex.ts";
import { signingDigest } from "../../../src/primitives/sender.ts";
import { networkEncoding, withSignature } from "../../../src/primitives/signed_transaction.ts";
import { type TestChain, testChain } from "../fixture.ts";

const FEES = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 100n };

async function refusal(send: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => send.then((value) => value), RpcError);
  assertEquals(error.code, -32000);
  return error.message;
}

async function raw(chain: TestChain, digits: string): Promise<string> {
  return await refusal(chain.node.submit.sendRaw(`0x${digits}`));
}

Deno.test("Pool refuses the same transaction twice", async () => {
  using chain = await testChain({ automine: false });
  const signed = await chain.sign(1, { to: chain.account(2).address });
  await chain.node.submit.sendRaw(signed);
  assertEquals(await refusal(chain.node.submit.sendRaw(signed)), "already known");
});

Deno.test("Pool replaces a transaction of the same nonce for ten percent more, and not for less", async () => {
  using chain = await testChain({ automine: false });
  const to = chain.account(2).address;
  const first = await chain.send(1, { to, nonce: 0n, ...FEES });
  const cheap = chain.send(1, { to, nonce: 0n, maxFeePerGas: 10n ** 10n + 1n, maxPriorityFeePerGas: 101n });
  assertEquals(await refusal(cheap), "replacement transaction underpriced");
  const second = await chain.send(1, { to, nonce: 0n, maxFeePerGas: 11n * 10n ** 9n, maxPriorityFeePerGas: 110n });
  assertEquals(await chain.node.blocks.transaction(first), null);
  await chain.node.dev.mine(1n);
  assertEquals((await chain.block(1n))["transactions"], [second]);
});

Deno.test("Pool holds a transaction back until the gap before its nonce is filled", async () => {
  using chain = await testChain();
  const to = chain.account(2).address;
  const late = await chain.send(1, { to, nonce: 1n });
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x0", queued: "0x1" });
  assertEquals(chain.story(), []);
  const early = await chain.send(1, { to, nonce: 0n });
  assertEquals((await chain.block(1n))["transactions"], [early, late]);
  assertEquals(chain.story(), ["pending", "pending", "block 1"]);
});

Deno.test("Pool words its refusals as geth does", async () => {
  using chain = await testChain();
  const to = chain.account(2).address;
  await chain.send(1, { to });
  assertEquals(await refusal(chain.send(1, { to, nonce: 0n, ...FEES })), "nonce too low: next nonce 1, tx nonce 0");
  assertEquals(
    await refusal(chain.send(1, { to, gas: 20_999n })),
    "intrinsic gas too low: gas 20999, minimum needed 21000",
  );
  assertEquals(
    await refusal(chain.send(1, { to, gas: 16_777_217n })),
    "transaction gas limit too high (cap: 16777216, tx: 16777217)",
  );
  assertEquals(await refusal(chain.send(1, { to, gas: 11_511_230n })), "exceeds block gas limit");
  assertEquals(
    await refusal(chain.send(1, { to, ...FEES, maxPriorityFeePerGas: 0n })),
    "transaction gas price below minimum: gas tip cap 0, minimum needed 1",
  );
  const balance = await chain.balance(chain.account(3).address);
  const cost = balance + 1n + 21_000n * FEES.maxFeePerGas;
  assertEquals(
    await refusal(chain.send(3, { to, value: balance + 1n, gas: 21_000n, ...FEES })),
    `insufficient funds for gas * price + value: balance ${balance}, tx cost ${cost}, overshot ${cost - balance}`,
  );
});

Deno.test("Pool counts what an account has pooled already", async () => {
  using chain = await testChain({ automine: false });
  const to = chain.account(2).address;
  const balance = await chain.balance(chain.account(3).address);
  const gas = { gas: 21_000n, ...FEES };
  const half = balance / 2n;
  await chain.send(3, { to, value: half, ...gas });
  const spent = half + 21_000n * FEES.maxFeePerGas;
  assertEquals(
    await refusal(chain.send(3, { to, value: half, ...gas })),
    "insufficient funds for gas * price + value: " +
      `balance ${balance}, queued cost ${spent}, tx cost ${spent}, overshot ${spent * 2n - balance}`,
  );
});

Deno.test("Pool refuses bytes that are no transaction with geth's decoding errors", async () => {
  using chain = await testChain();
  assertEquals(await raw(chain, ""), "typed transaction too short");
  assertEquals(await raw(chain, "02"), "typed transaction too short");
  assertEquals(await raw(chain, "05c0"), "transaction type not supported");
  assertEquals(await raw(chain, "02c0"), "rlp: too few elements for types.DynamicFeeTx");
  assertEquals(await raw(chain, "c0"), "rlp: too few elements for types.LegacyTx");
  assertEquals(await raw(chain, "f8"), "unexpected EOF");
});

Deno.test("Pool refuses a transaction of another chain, and one that any chain would take", async () => {
  using chain = await testChain();
  // Signed for chain 1 by account 0 of the mnemonic: {to: 0, nonce: 0, gasPrice: 1 gwei, gas: 21000}.
  using other = await testChain({ chainId: 1n });
  const foreign = await other.sign(1, { to: chain.account(2).address, gasPrice: 10n ** 9n });
  assertEquals(
    await refusal(chain.node.submit.sendRaw(foreign)),
    "invalid sender: invalid chain id for signer: have 1 want 1337",
  );
  // The deployment transaction of Arachnid's create2 proxy, signed for every chain before EIP-155.
  const proxy: Data = "0xf8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffff" +
    "ffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf31ba0" +
    "2222222222222222222222222222222222222222222222222222222222222222a0222222222222222222222222222222222222222222222222" +
    "2222222222222222" as Data;
  assertEquals(
    await refusal(chain.node.submit.sendRaw(proxy)),
    "only replay-protected (EIP-155) transactions allowed over RPC",
  );
});

Deno.test("Pool shows its content by checksummed sender and decimal nonce", async () => {
  using chain = await testChain({ automine: false });
  const to = chain.account(2).address;
  const hash = await chain.send(1, { to, value: 3n, gas: 21_000n, gasPrice: 2_000_000_000n });
  const gapped = await chain.send(1, { to, nonce: 5n });
  const content = (await chain.node.pool.content()).decode() as Record<string, Record<string, Record<string, unknown>>>;
  const sender = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
  const pooled = content["pending"]?.[sender]?.["0"] as { hash: Hash; blockHash: null; gasPrice: string };
  assertEquals([pooled.hash, pooled.blockHash, pooled.gasPrice], [hash, null, "0x77359400"]);
  assertEquals((content["queued"]?.[sender]?.["5"] as { hash: Hash }).hash, gapped);
  const inspected = (await chain.node.pool.inspect()).decode() as { pending: Record<string, Record<string, string>> };
  assertEquals(
    inspected.pending[sender]?.["0"],
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8: 3 wei + 21000 gas × 2000000000 wei",
  );
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x1", queued: "0x1" });
  assertEquals((await chain.node.pool.contentFrom(to)).decode(), { pending: {}, queued: {} });
  const pendingOf = async (senders: Hash[]) =>
    (await chain.node.pool.pendingOf(new Set(senders))).decode() as { hash: Hash }[];
  assertEquals((await pendingOf([chain.account(1).address])).map((pending) => pending.hash), [hash]);
  assertEquals(await pendingOf([to]), []);
});

Deno.test("Pool drops what a block has made impossible", async () => {
  using chain = await testChain({ automine: false });
  const to = chain.account(2).address;
  const gas = { gas: 21_000n, ...FEES };
  const waiting = await chain.send(3, { to, value: 10n ** 18n, ...gas });
  await chain.node.dev.setBalance(chain.account(3).address, 10n ** 17n);
  assertEquals(await chain.node.blocks.transaction(waiting), null);
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x0", queued: "0x0" });
});

Deno.test("Pool turns away the 65th transaction behind a gap", async () => {
  using chain = await testChain({ automine: false });
  const to = chain.account(2).address;
  for (let nonce = 1n; nonce <= 64n; nonce++) await chain.send(1, { to, nonce, gas: 21_000n });
  assertEquals(await refusal(chain.send(1, { to, nonce: 65n, gas: 21_000n })), "account limit exceeded");
});

Deno.test("An impersonated account pays like any other", async () => {
  using chain = await testChain();
  const { submit, dev } = chain.node;
  const request = { from: `0x${"99".repeat(20)}`, to: chain.account(1).address, gas: 21_000n } as const;
  const filled = await submit.fill(request, new AbortController().signal);
  await assertRejects(() => dev.sendUnsigned(filled), RpcError, "insufficient funds for gas * price + value");
  await dev.setBalance(request.from, 10n ** 18n);
  const hash = await dev.sendUnsigned(filled);
  assertEquals((await chain.receipt(hash))["status"], "0x1");
});

Deno.test("A transaction without a chain id is taken only where that is allowed", async () => {
  const unprotected = async (chain: TestChain): Promise<Data> => {
    const { address, privateKey } = chain.account(1);
    const request = { from: address, to: address, gas: 21_000n, gasPrice: 2_000_000_000n };
    const { transaction } = await chain.node.submit.fill(request, new AbortController().signal);
    const bare = { ...transaction, chainId: undefined };
    const [parity = 0, ...rs] = secp256k1.sign(hexToBytes(signingDigest(bare)), hexToBytes(privateKey), {
      prehash: false,
      format: "recovered",
    });
    const word = (at: number) => BigInt(bytesToHex(Uint8Array.from(rs.slice(at, at + 32))));
    const signature = { yParity: parity === 0 ? 0 : 1, r: word(0), s: word(32) } as const;
    return networkEncoding(withSignature(bare, signature), null);
  };
  using open = await testChain({ allowsUnprotected: true });
  const hash = await open.node.submit.sendRaw(await unprotected(open));
  assertEquals((await open.block(1n))["transactions"], [hash]);
  assertEquals((await open.transaction(hash))["chainId"], undefined);
  using strict = await testChain();
  assertEquals(
    await refusal(strict.node.submit.sendRaw(await unprotected(strict))),
    "only replay-protected (EIP-155) transactions allowed over RPC",
  );
});
