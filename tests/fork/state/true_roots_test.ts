import { assertEquals } from "@std/assert";
import { buildGenesis } from "../../../src/chain/consensus/genesis.ts";
import { devGenesis } from "../../../src/chain/consensus/dev_genesis.ts";
import { DEFAULT_MNEMONIC, mnemonicAccounts } from "../../../src/chain/mod.ts";
import { RemoteState } from "../../../src/fork/state/remote_state.ts";
import { headerHash } from "../../../src/primitives/header.ts";
import { wordHex } from "../../../src/primitives/hex.ts";
import type { Address, Hash } from "../../../src/primitives/types.ts";
import { World } from "../../../src/state/world.ts";
import { type TestChain, testChain } from "../../chain/fixture.ts";
import { randomContracts } from "../../e2e/random_contracts.ts";
import { Random } from "../../support/random.ts";
import { ScriptedSource } from "./scripted_source.ts";

const latest = { tag: "latest" } as const;

/** One chain that has its whole state, and one over the same state of another node. */
async function twins(seed: number) {
  const accounts = await mnemonicAccounts(DEFAULT_MNEMONIC, 3);
  const contracts = randomContracts(new Random(seed), 12);
  const built = buildGenesis(devGenesis({ accounts }));
  let { world } = built;
  for (const { address, balance, code, storage } of contracts) {
    world = world.withBalance(address, BigInt(balance)).withCode(address, Uint8Array.fromHex(code.slice(2)))
      .withStorage(address, Object.entries(storage) as [Address, Address][]);
  }
  const header = { ...built.header, number: 1_000n, stateRoot: world.root() };
  const start = { header, hash: headerHash(header), totalDifficulty: 0n, config: built.forks.config, accounts };
  const source = new ScriptedSource(world);
  const lost: string[] = [];
  const state = new RemoteState(source, { onRootsLost: (reason) => lost.push(reason) });
  return {
    whole: await testChain({ start: { ...start, world } }),
    forked: await testChain({ start: { ...start, world: World.over(state) } }),
    contracts: contracts.map(({ address }) => address),
    source,
    lost,
  };
}

async function hashes({ node }: TestChain): Promise<unknown> {
  const header = (await node.blocks.header(latest))?.decode() as Record<string, unknown>;
  return [header["number"], header["stateRoot"], header["receiptsRoot"], header["hash"]];
}

/** The last transaction of a chain as tracers see it, and the roots within its block. */
async function trace(chain: TestChain, last: ReadonlyMap<TestChain, Hash>): Promise<unknown> {
  const { signal } = new AbortController();
  const { tracer } = chain.node;
  const block = (await chain.node.blocks.header(latest))?.decode() as { readonly hash: Hash };
  const traces = await Promise.all(
    ["callTracer", "prestateTracer"].map(async (name) =>
      (await tracer.traceTransaction(last.get(chain) ?? "0x", { trace: { tracer: name }, signal })).text
    ),
  );
  return [...traces, (await tracer.intermediateRoots(block.hash, signal)).text];
}

Deno.test("Blocks on a fork have the hashes that they have on the whole state: transactions, setters, empty blocks", async () => {
  for (const seed of [1, 2, 3]) {
    const { whole, forked, contracts, lost, source } = await twins(seed);
    using _ = whole;
    using __ = forked;
    const chains = [whole, forked];
    // The contracts ask for the hashes of up to five blocks, and only one of the chains has those below the first.
    for (const { node } of chains) await node.dev.mine(6n);
    const random = new Random(seed);
    const last = new Map<TestChain, Hash>();
    for (let step = 0; step < 14; step++) {
      const to = random.pick(contracts);
      const slot = wordHex(BigInt(random.below(7)));
      const value = wordHex(BigInt(random.below(2)));
      const kind = random.below(7);
      for (const chain of chains) {
        if (kind === 0) await chain.node.dev.setStorageAt(to, slot, value);
        else if (kind === 1) await chain.node.dev.setBalance(to, BigInt(step));
        else if (kind === 2) await chain.node.dev.setCode(to, "0x5f5ffd");
        else if (kind === 3) await chain.node.dev.mine(3n);
        last.set(chain, await chain.send(step % 3, { to, gas: 2_000_000n, value: 1n }));
      }
      assertEquals(await trace(forked, last), await trace(whole, last));
      assertEquals([seed, step, kind, await hashes(forked)], [seed, step, kind, await hashes(whole)]);
    }
    assertEquals(lost, []);
    for (const address of [...contracts.slice(0, 4), `0x${"77".repeat(20)}` as const]) {
      const proofOf = async ({ node }: TestChain) =>
        (await node.state.proof(address, ["0x0", "0x3", wordHex(9n)], latest)).text;
      assertEquals(await proofOf(forked), await proofOf(whole));
    }
    assertEquals(source.questions.filter((method) => method === "getProof").length > 0, true);
  }
});

Deno.test("Where the upstream has no proofs, it is said once, roots are made up, and everything else is as before", async () => {
  const { whole, forked, lost, source } = await twins(4);
  const to: Address = `0x${"77".repeat(20)}`;
  using _ = whole;
  using __ = forked;
  source.unknown.add("eth_getProof");
  for (const chain of [whole, forked]) await chain.send(0, { to, value: 1n });
  assertEquals((await forked.block("latest"))["receiptsRoot"], (await whole.block("latest"))["receiptsRoot"]);
  assertEquals((await forked.block("latest"))["gasUsed"], (await whole.block("latest"))["gasUsed"]);
  await forked.send(1, { to, value: 1n });
  assertEquals(lost, ["the method eth_getProof does not exist"]);
});
