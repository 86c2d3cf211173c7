import { assertEquals, assertRejects } from "@std/assert";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Authorization, Data, Hash } from "../../src/eth/types.ts";
import { encodeRlp } from "../../src/primitives/rlp.ts";
import { decodeTransaction, encodeTransaction, encodeWithSidecar } from "../../src/primitives/transaction_codec.ts";
import { RpcError } from "../../src/rpc/error.ts";
import { testChain } from "./fixture.ts";

const CELLS_PER_BLOB = 128;
/** The zero polynomial: its commitment and all its proofs are the point at infinity, so that nothing must be computed. */
const BLOB: Data = `0x${"00".repeat(131_072)}`;
const INFINITY: Data = `0xc0${"00".repeat(47)}`;
const PROVED = {
  blobs: [BLOB],
  commitments: [INFINITY],
  proofs: Array.from({ length: CELLS_PER_BLOB }, () => INFINITY),
};

Deno.test("Blob transaction is filled, checked, mined without its blobs and priced by blob gas", async () => {
  using chain = await testChain();

  const to = chain.account(2).address;
  const raw = await chain.sign(1, { to, ...PROVED, gas: 21_000n });
  const hash = await chain.node.submit.sendRaw(raw);
  const receipt = await chain.receipt(hash);
  assertEquals([receipt["status"], receipt["type"]], ["0x1", "0x3"]);
  assertEquals([receipt["blobGasUsed"], receipt["blobGasPrice"]], ["0x20000", "0x1"]);
  const mined = await chain.transaction(hash);
  assertEquals([mined["maxFeePerBlobGas"], (mined["blobVersionedHashes"] as Hash[]).length], ["0x2", 1]);
  assertEquals((await chain.block("latest"))["blobGasUsed"], "0x20000");
  const canonical = await chain.node.blocks.rawTransaction(hash);
  assertEquals((canonical?.length ?? 0) < 1000, true);

  const bare = () => chain.node.submit.sendRaw(canonical ?? "0x");
  assertEquals((await assertRejects(bare, RpcError)).message, "missing sidecar in blob transaction");
  const next = await chain.sign(1, { to, ...PROVED, gas: 21_000n });
  // The last proof becomes another point: the generator of the group.
  const generator = "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb";
  const forged: Data = `0x${next.slice(2, -96)}${generator}`;
  const wrong = () => chain.node.submit.sendRaw(forged);
  assertEquals((await assertRejects(wrong, RpcError)).message, "invalid blob proofs");
  const few = () => chain.sign(1, { to, ...PROVED, proofs: [INFINITY], gas: 21_000n });
  assertEquals(
    (await assertRejects(few, RpcError)).message,
    "number of blobs and proofs mismatch (have=1, want=128)",
  );
});

Deno.test("Blob transaction with the proofs of its blobs is given those of its cells", async () => {
  using chain = await testChain();
  const raw = await chain.sign(1, { to: chain.account(2).address, ...PROVED, gas: 21_000n });
  const { transaction, sidecar } = decodeTransaction(raw.slice(2));
  if (sidecar === null) throw new Error("no sidecar");
  const proof = INFINITY.slice(2);
  const old = `0x${encodeWithSidecar(transaction, { ...sidecar, version: 0, proofs: [proof] })}` as const;
  const hash = await chain.node.submit.sendRaw(old);
  assertEquals(hash, `0x${keccak_256(Uint8Array.fromHex(encodeTransaction(transaction))).toHex()}`);
  assertEquals((await chain.receipt(hash))["status"], "0x1");
});

Deno.test("Set-code transaction lets an account run another's code", async () => {
  using chain = await testChain();
  // Returns 42.
  const target = await chain.deploy(1, "602a60005260206000f3");
  const authority = chain.account(3);
  const digest = keccak_256(Uint8Array.fromHex(`05${encodeRlp(["0539", target.slice(2), ""])}`));
  const bytes = secp256k1.sign(digest, Uint8Array.fromHex(authority.privateKey.slice(2)), {
    prehash: false,
    format: "recovered",
  });
  const authorization: Authorization = {
    chainId: 1337n,
    address: target,
    nonce: 0n,
    yParity: BigInt(bytes[0] ?? 0),
    r: BigInt(`0x${bytes.slice(1, 33).toHex()}`),
    s: BigInt(`0x${bytes.slice(33).toHex()}`),
  };
  const hash = await chain.send(1, { to: authority.address, authorizationList: [authorization], gas: 200_000n });
  assertEquals((await chain.receipt(hash))["type"], "0x4");
  const code = await chain.node.state.code(authority.address, { tag: "latest" });
  assertEquals(code, `0xef0100${target.slice(2)}`);
  const [listed] = (await chain.transaction(hash))["authorizationList"] as Record<string, string>[];
  assertEquals(Object.keys(listed ?? {}), ["chainId", "address", "nonce", "yParity", "r", "s"]);
  const { signal } = new AbortController();
  const answer = await chain.node.executor.call({ to: authority.address }, { tag: "latest" }, { signal });
  assertEquals(BigInt(answer), 42n);

  const empty = chain.send(1, { to: authority.address, authorizationList: [], gas: 200_000n });
  assertEquals(
    (await assertRejects(() => empty, RpcError)).message,
    "set code tx must have at least one authorization tuple",
  );
});

Deno.test("A delegated account may have one transaction in the pool", async () => {
  using chain = await testChain({ automine: false });
  const { address } = chain.account(3);
  await chain.node.dev.setCode(address, `0xef0100${chain.account(4).address.slice(2)}`);
  await chain.send(3, { to: chain.account(2).address, gas: 60_000n });
  await chain.send(3, { to: chain.account(2).address, gas: 60_000n });
  assertEquals((await chain.node.pool.status()).decode(), { pending: "0x1", queued: "0x0" });
});
