import { type ChainConfig, DEFAULT_BLOBS, MAINNET_DEPOSIT_CONTRACT } from "../chain/mod.ts";
import type { Address } from "../eth/types.ts";
import { type Fork, FORKS } from "../evm/forks.ts";

/** A public network whose forks are known here. */
interface Network {
  readonly name: string;
  readonly blocks: ReadonlyMap<Fork, bigint>;
  readonly times: ReadonlyMap<Fork, bigint>;
  readonly terminalTotalDifficulty: bigint;
  readonly depositContract: Address;
}

/** Every fork that has a block number, from block 0 on. */
export const ALL_FROM_START: ReadonlyMap<Fork, bigint> = new Map(
  FORKS.slice(0, FORKS.indexOf("paris")).map((fork) => [fork, 0n]),
);

/** Source: geth's params/chainspecs (1.17) and, for Holesky, params/config.go (1.16). */
const NETWORKS: ReadonlyMap<bigint, Network> = new Map([
  [1n, {
    name: "mainnet",
    blocks: new Map<Fork, bigint>([
      ["chainstart", 0n],
      ["homestead", 1_150_000n],
      ["tangerineWhistle", 2_463_000n],
      ["spuriousDragon", 2_675_000n],
      ["byzantium", 4_370_000n],
      ["constantinople", 7_280_000n],
      ["petersburg", 7_280_000n],
      ["istanbul", 9_069_000n],
      ["muirGlacier", 9_200_000n],
      ["berlin", 12_244_000n],
      ["london", 12_965_000n],
      ["arrowGlacier", 13_773_000n],
      ["grayGlacier", 15_050_000n],
    ]),
    times: times({
      ...{ shanghai: 1_681_338_455n, cancun: 1_710_338_135n, prague: 1_746_612_311n, osaka: 1_764_798_551n },
      ...{ bpo1: 1_765_290_071n, bpo2: 1_767_747_671n },
    }),
    terminalTotalDifficulty: 58_750_000_000_000_000_000_000n,
    depositContract: MAINNET_DEPOSIT_CONTRACT,
  }],
  [11_155_111n, {
    name: "sepolia",
    blocks: ALL_FROM_START,
    times: times({
      ...{ shanghai: 1_677_557_088n, cancun: 1_706_655_072n, prague: 1_741_159_776n, osaka: 1_760_427_360n },
      ...{ bpo1: 1_761_017_184n, bpo2: 1_761_607_008n },
    }),
    terminalTotalDifficulty: 17_000_000_000_000_000n,
    depositContract: "0x7f02c3e3c98b133055b8b348b2ac625669ed295d",
  }],
  [17_000n, {
    name: "holesky",
    blocks: ALL_FROM_START,
    times: times({
      ...{ shanghai: 1_696_000_704n, cancun: 1_707_305_664n, prague: 1_740_434_112n, osaka: 1_759_308_480n },
      ...{ bpo1: 1_759_800_000n, bpo2: 1_760_389_824n },
    }),
    terminalTotalDifficulty: 0n,
    depositContract: "0x4242424242424242424242424242424242424242",
  }],
  [560_048n, {
    name: "hoodi",
    blocks: ALL_FROM_START,
    times: times({
      ...{ shanghai: 0n, cancun: 0n, prague: 1_742_999_832n, osaka: 1_761_677_592n },
      ...{ bpo1: 1_762_365_720n, bpo2: 1_762_955_544n },
    }),
    terminalTotalDifficulty: 0n,
    depositContract: MAINNET_DEPOSIT_CONTRACT,
  }],
]);

/** The forks of a known network. */
export interface KnownNetwork {
  readonly name: string;
  readonly config: ChainConfig;
}

/** Returns the network with this chain id; null for one that is not known here. */
export function knownNetwork(chainId: bigint): KnownNetwork | null {
  const network = NETWORKS.get(chainId);
  if (network === undefined) return null;
  const { name, ...forks } = network;
  return { name, config: { chainId, ...forks, otherForkBlocks: [], blobSchedules: DEFAULT_BLOBS } };
}

function times(of: { readonly [fork in Fork]?: bigint }): ReadonlyMap<Fork, bigint> {
  return new Map(FORKS.flatMap((fork) => of[fork] === undefined ? [] : [[fork, of[fork]] as const]));
}
