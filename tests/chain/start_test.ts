import { assertEquals } from "@std/assert";
import { headerHash } from "../../src/primitives/header.ts";
import { wordHex } from "../../src/primitives/hex.ts";
import type { Address } from "../../src/primitives/types.ts";
import { buildGenesis } from "../../src/chain/consensus/genesis.ts";
import { devGenesis } from "../../src/chain/consensus/dev_genesis.ts";
import { DEFAULT_MNEMONIC, fundedWorld, mnemonicAccounts } from "../../src/chain/mod.ts";
import { LateBase } from "../support/late_base.ts";
import { NOW_MS, testChain } from "./fixture.ts";

const CONTRACT: Address = `0x${"cc".repeat(20)}`;
const BURNED: Address = `0x${"dd".repeat(20)}`;
/** Returns slot 0 and writes it, plus one, into slot 1; returns it. */
const COUNTER = Uint8Array.fromHex("5f54600101806001555f5260205ff3");
/** Returns the hash of the block whose number is in the data. */
const HASHES = Uint8Array.fromHex("5f35405f5260205ff3");
const HASHER: Address = `0x${"ce".repeat(20)}`;
const latest = { tag: "latest" } as const;

/** A chain that begins at block 1,000 of another, whose state is not here yet. */
async function started() {
  const accounts = await mnemonicAccounts(DEFAULT_MNEMONIC, 3);
  const [first, second] = accounts;
  if (first === undefined || second === undefined) throw new Error("no accounts");
  const { header, world, forks } = buildGenesis({ ...devGenesis({ accounts: [] }), number: 1_000n });
  const other = world.withCode(CONTRACT, COUNTER).withStorage(CONTRACT, [[wordHex(0n), wordHex(7n)]])
    .withBalance(BURNED, 5n).withNonce(first.address, 9n).withCode(second.address, COUNTER).withCode(HASHER, HASHES);
  const base = new LateBase(other);
  const chain = await testChain({
    now: () => NOW_MS,
    start: {
      ...{ header, hash: headerHash(header), totalDifficulty: 0n, config: forks.config },
      ...{ accounts, world: await fundedWorld(base, accounts) },
    },
  });
  return { chain, base, header, accounts: [first, second] as const };
}

Deno.test("A chain that begins at a block of another reads its state and seals on top of it", async () => {
  const { chain, accounts: [sender, delegated] } = await started();
  using _ = chain;
  const { node } = chain;
  const signal = new AbortController().signal;
  assertEquals(await node.blocks.headNumber(), "0x3e8");
  assertEquals(await node.state.balance(sender.address, latest), "0x21e19e0c9bab2400000", "10,000 ether");
  assertEquals(await node.state.nonce(sender.address, latest), "0x9", "the other chain's nonce");
  assertEquals(await node.state.nonce(sender.address, { tag: "pending" }), "0x9");
  assertEquals(await node.state.code(delegated.address, latest), "0x", "no code of another's");
  assertEquals(await node.state.balance(BURNED, latest), "0x5");
  assertEquals(await node.state.storage(CONTRACT, wordHex(0n), latest), wordHex(7n));
  assertEquals(await node.executor.call({ to: CONTRACT }, latest, { signal }), wordHex(8n));
  await chain.send(0, { to: CONTRACT, value: 3n });
  assertEquals(await node.blocks.headNumber(), "0x3e9");
  assertEquals(await node.state.storage(CONTRACT, wordHex(1n), latest), wordHex(8n));
  assertEquals(await node.state.storage(CONTRACT, wordHex(1n), { number: 1_000n }), wordHex(0n));
  assertEquals(await node.state.balance(CONTRACT, latest), "0x3");
  assertEquals(await node.state.nonce(sender.address, latest), "0xa");
});

Deno.test("Setters of accounts change values that the other chain has", async () => {
  const { chain } = await started();
  using _ = chain;
  const { node } = chain;
  await node.dev.addBalance(BURNED, 2n);
  assertEquals(await node.state.balance(BURNED, latest), "0x7");
  await node.dev.setStorageAt(CONTRACT, wordHex(0n), wordHex(0n));
  assertEquals(await node.state.storage(CONTRACT, wordHex(0n), latest), wordHex(0n), "a zero hides the other's value");
  await node.dev.setNonce(CONTRACT, 4n);
  assertEquals(await node.state.nonce(CONTRACT, latest), "0x4");
  assertEquals(await node.state.code(CONTRACT, latest), `0x${COUNTER.toHex()}`);
});

Deno.test("BLOCKHASH below the first block is the other chain's, and what is final is not below it", async () => {
  const { chain, header } = await started();
  using _ = chain;
  const signal = new AbortController().signal;
  await chain.node.dev.mine(1n);
  const hashOf = (number: bigint) =>
    chain.node.executor.call({ to: HASHER, input: wordHex(number) }, latest, { signal });
  assertEquals(await hashOf(1_000n), headerHash(header));
  assertEquals(await hashOf(900n), wordHex(900n), "LateBase takes the number for the hash");
  assertEquals(await hashOf(700n), wordHex(0n), "out of reach");
  assertEquals(JSON.parse((await chain.node.blocks.block({ tag: "finalized" }, false))?.text ?? "{}").number, "0x3e8");
});

Deno.test("A block of ten transactions to contracts that are not here yet takes as many loads as one of one", async () => {
  const { chain, base } = await started();
  using _ = chain;
  const { node } = chain;
  await node.dev.setAutomine(false);
  for (let index = 0; index < 10; index++) {
    await chain.send(0, { to: CONTRACT, gas: 100_000n, nonce: 9n + BigInt(index) });
  }
  const before = base.loads;
  await node.dev.mine(1n);
  assertEquals(base.loads - before, 2, "the accounts, then their slots");
  assertEquals((await chain.block("latest") as { transactions: unknown[] }).transactions.length, 10);
  const sealed = base.loads;
  await chain.send(0, { to: CONTRACT, gas: 100_000n });
  await node.dev.mine(1n);
  assertEquals(base.loads - sealed, 1, "the slots of EIP-4788 and EIP-2935 are others in each block");
});
