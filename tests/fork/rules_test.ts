import { assertEquals } from "@std/assert";
import { ForkSchedule } from "../../src/chain/consensus/forks.ts";
import { rulesFor } from "../../src/fork/rules.ts";
import { EMPTY_BLOOM, EMPTY_NONCE, EMPTY_REQUESTS_HASH, EMPTY_ROOT, type Header } from "../../src/primitives/header.ts";
import { ZERO_ADDRESS, ZERO_HASH } from "../../src/primitives/hex.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";

const LONDON: Header = {
  ...{ parentHash: ZERO_HASH, unclesHash: ZERO_HASH, coinbase: ZERO_ADDRESS, stateRoot: ZERO_HASH, mixHash: ZERO_HASH },
  ...{ transactionsRoot: EMPTY_ROOT, receiptsRoot: EMPTY_ROOT, logsBloom: EMPTY_BLOOM, nonce: EMPTY_NONCE },
  ...{ difficulty: 0n, number: 100n, gasLimit: 30_000_000n, gasUsed: 0n, timestamp: 1_000n, extraData: "0x" },
  baseFeePerGas: 7n,
};
const SHANGHAI: Header = { ...LONDON, withdrawalsRoot: EMPTY_ROOT };
const CANCUN: Header = { ...SHANGHAI, blobGasUsed: 0n, excessBlobGas: 0n, parentBeaconBlockRoot: ZERO_HASH };
const PRAGUE: Header = { ...CANCUN, requestsHash: EMPTY_REQUESTS_HASH };

/** The fork of a block that comes `seconds` after the header. */
function forkAfter(header: Header, { seconds = 12n, chainId = 7n, config }: {
  readonly seconds?: bigint;
  readonly chainId?: bigint;
  readonly config?: unknown;
} = {}) {
  const rules = rulesFor(header, { chainId, config: config === undefined ? null : RawJson.of(config) });
  const forks = new ForkSchedule(rules.config);
  const { fork, blobs } = forks.at(header.number + 1n, header.timestamp + seconds, true);
  return [fork, blobs?.target ?? null, rules.origin];
}

function entry(activationTime: number, { target, max }: { target: number; max: number }, precompiles: string[]) {
  return {
    activationTime,
    blobSchedule: { target, max, baseFeeUpdateFraction: 5_007_716 },
    precompiles: Object.fromEntries(precompiles.map((name, index) => [name, `0x${index}`])),
    systemContracts: { DEPOSIT_CONTRACT_ADDRESS: `0x${"AB".repeat(20)}` },
  };
}

const CANCUN_PRECOMPILES = ["ECREC", "KZG_POINT_EVALUATION"];
const PRAGUE_PRECOMPILES = [...CANCUN_PRECOMPILES, "BLS12_G1ADD"];
const OSAKA_PRECOMPILES = [...PRAGUE_PRECOMPILES, "P256VERIFY"];

Deno.test("rulesFor takes the forks of a known network, at the time of the block", () => {
  const mainnet = { ...PRAGUE, number: 22_500_000n, timestamp: 1_746_612_311n };
  assertEquals(forkAfter(mainnet, { chainId: 1n }), ["prague", 6, "mainnet"]);
  assertEquals(forkAfter({ ...mainnet, timestamp: 1_767_747_671n }, { chainId: 1n }), ["bpo2", 14, "mainnet"]);
  const cancun = { ...CANCUN, number: 19_500_000n, timestamp: 1_710_338_135n };
  assertEquals(forkAfter(cancun, { chainId: 1n }), ["cancun", 3, "mainnet"]);
  for (const [chainId, name] of [[11_155_111n, "sepolia"], [17_000n, "holesky"], [560_048n, "hoodi"]] as const) {
    assertEquals(forkAfter({ ...PRAGUE, timestamp: 1_770_000_000n }, { chainId }), ["bpo2", 14, name]);
  }
});

Deno.test("rulesFor does not take a network of its own for a public one because it has the same id", () => {
  const origin = "the fields of the block";
  assertEquals(forkAfter({ ...PRAGUE, number: 5n, timestamp: 1_770_000_000n }, { chainId: 1n }), ["prague", 6, origin]);
  assertEquals(forkAfter({ ...PRAGUE, timestamp: 1_000n }, { chainId: 11_155_111n }), ["prague", 6, origin]);
});

Deno.test("rulesFor takes the fork that the fields of the block show where the upstream tells of none", () => {
  const origin = "the fields of the block";
  assertEquals(forkAfter(LONDON), ["paris", null, origin]);
  assertEquals(forkAfter(SHANGHAI), ["shanghai", null, origin]);
  assertEquals(forkAfter(CANCUN), ["cancun", 3, origin]);
  assertEquals(forkAfter(PRAGUE), ["prague", 6, origin]);
});

Deno.test("rulesFor reads eth_config: the fork in force by its precompiles, its blobs, and the next one", () => {
  const origin = "eth_config of the upstream";
  const current = entry(500, { target: 4, max: 8 }, PRAGUE_PRECOMPILES);
  assertEquals(forkAfter(PRAGUE, { config: { current, next: null, last: null } }), ["prague", 4, origin]);
  const next = entry(2_000, { target: 5, max: 9 }, OSAKA_PRECOMPILES);
  const config = { current, next, last: next };
  assertEquals(forkAfter(PRAGUE, { config, seconds: 999n }), ["prague", 4, origin]);
  assertEquals(forkAfter(PRAGUE, { config, seconds: 1_000n }), ["osaka", 5, origin]);
  // A fork of blobs alone has the precompiles of the one before it.
  const osaka = entry(500, { target: 6, max: 9 }, OSAKA_PRECOMPILES);
  const more = entry(2_000, { target: 20, max: 30 }, OSAKA_PRECOMPILES);
  assertEquals(forkAfter(PRAGUE, { config: { current: osaka, next: more, last: more }, seconds: 999n })[0], "osaka");
  assertEquals(forkAfter(PRAGUE, { config: { current: osaka, next: more, last: more }, seconds: 1_000n }), [
    ...["bpo1", 20, origin],
  ]);
  assertEquals(forkAfter(PRAGUE, { config: { current: entry(0, { target: 14, max: 21 }, OSAKA_PRECOMPILES) } }), [
    ...["bpo2", 14, origin],
  ]);
});

Deno.test("rulesFor does not take a fork that came after the block, or an answer that it cannot read", () => {
  const origin = "the fields of the block";
  const current = entry(1_001, { target: 6, max: 9 }, OSAKA_PRECOMPILES);
  assertEquals(forkAfter(CANCUN, { config: { current, next: null, last: null } }), ["cancun", 3, origin]);
  for (const config of [null, "no", {}, { current: { activationTime: "0x0" } }]) {
    assertEquals(forkAfter(CANCUN, { config }), ["cancun", 3, origin]);
  }
});

Deno.test("rulesFor takes the deposit contract that eth_config names", () => {
  const current = entry(0, { target: 6, max: 9 }, OSAKA_PRECOMPILES);
  const { config } = rulesFor(PRAGUE, { chainId: 7n, config: RawJson.of({ current }) });
  assertEquals([config.chainId, config.depositContract], [7n, `0x${"ab".repeat(20)}`]);
});
