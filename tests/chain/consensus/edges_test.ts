import { assertEquals, assertRejects } from "@std/assert";
import { headerFault } from "../../../src/chain/consensus/header_rules.ts";
import { buildGenesis, readGenesis } from "../../../src/chain/consensus/genesis.ts";
import { decodeHeader, encodeHeader, headerHash } from "../../../src/primitives/header.ts";
import { decodeRlp } from "../../../src/primitives/rlp.ts";
import { RpcError } from "../../../src/rpc/error.ts";
import { testChain } from "../fixture.ts";

const LATEST = { tag: "latest" } as const;
const BLOCKS = {
  ...{ homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0, byzantiumBlock: 0, constantinopleBlock: 0 },
  ...{ petersburgBlock: 0, istanbulBlock: 0, berlinBlock: 0, terminalTotalDifficulty: 0 },
};

/** A genesis file of a chain of proof of stake. */
function genesis(config: Record<string, unknown>, alloc: Record<string, unknown> = {}): string {
  return JSON.stringify({
    config: { chainId: 7, ...BLOCKS, londonBlock: 0, ...config },
    ...{ difficulty: "0x0", gasLimit: "0x1c9c380", alloc },
  });
}

Deno.test("A block whose request contract has no code is invalid (EIP-7002, EIP-7251)", async () => {
  using chain = await testChain({ genesis: genesis({ shanghaiTime: 0, cancunTime: 0, pragueTime: 0 }) });
  const error = await assertRejects(() => chain.node.dev.mine(1n), RpcError);
  assertEquals([error.code, error.message], [
    -32000,
    "empty system contract: no code at 0x00000961Ef480Eb55e80D19ad83579A64c007002",
  ]);
  assertEquals(await chain.head(), 0n);
});

Deno.test("A header's gas limit is at most 2^63 - 1", () => {
  const { header: parent, forks } = buildGenesis(readGenesis(genesis({})));
  const gasLimit = 2n ** 63n;
  const header = { ...parent, parentHash: headerHash(parent), number: 1n, timestamp: 1n, gasLimit };
  assertEquals(
    headerFault(header, { ...parent, gasLimit }, forks.at(1n, 1n, true), forks.config),
    "invalid gasLimit: have 9223372036854775808, max 9223372036854775807",
  );
});

Deno.test("An account of genesis that has nothing is kept, as geth keeps it", async () => {
  const text = genesis({}, { [`0x${"aa".repeat(20)}`]: {} });
  const { header } = buildGenesis(readGenesis(text));
  // geth 1.17.10 init.
  assertEquals(header.stateRoot, "0x158877c55a06ce9c307eb885d8d5ed0c9b3332210abd358b80a02041921e4ffc");
  using chain = await testChain({ genesis: text });
  assertEquals((await chain.block(0n))["stateRoot"], header.stateRoot);
});

Deno.test("A header without a beacon root before its requests hash has an empty string in that place", () => {
  const { header } = buildGenesis(readGenesis(genesis({ shanghaiTime: 0, cancunTime: 0, pragueTime: 0 })));
  const { parentBeaconBlockRoot: _root, ...without } = header;
  assertEquals(decodeHeader(decodeRlp(encodeHeader(without))), without);
});

Deno.test("A call at an overridden number runs by that number's rules, below London too", async () => {
  using chain = await testChain({ genesis: genesis({ berlinBlock: 3, londonBlock: 5, shanghaiTime: 0 }) });
  const to = `0x${"c0".repeat(20)}` as const;
  // PUSH0, PUSH0, MSTORE of PUSH0: Shanghai.
  const options = { state: { [to]: { code: "0x5f5f5260205ff3" } }, signal: new AbortController().signal } as const;
  await chain.node.dev.mine(8n);
  const { executor } = chain.node;
  assertEquals(await executor.call({ to }, LATEST, options), `0x${"0".repeat(64)}`);
  const below = () => executor.call({ to }, LATEST, { ...options, block: { number: 4n } });
  assertEquals((await assertRejects(below, RpcError)).message, "invalid opcode: PUSH0");
  assertEquals(await executor.call({ to }, LATEST, { ...options, block: { number: 5n } }), `0x${"0".repeat(64)}`);
});
