import type { Address } from "../eth/types.ts";

/** The forks in the order in which they came; bpo1 to bpo5 change the blob schedule only (EIP-7892). */
export const FORKS = [
  ...["chainstart", "homestead", "tangerineWhistle", "spuriousDragon", "byzantium", "constantinople", "petersburg"],
  ...["istanbul", "muirGlacier", "berlin", "london", "arrowGlacier", "grayGlacier", "paris", "shanghai", "cancun"],
  ...["prague", "osaka", "bpo1", "bpo2", "bpo3", "bpo4", "bpo5"],
] as const;
export type Fork = string & (typeof FORKS)[number];

/** The number of blobs that a block may carry, and the speed at which their price moves (EIP-7840). */
export interface BlobSchedule {
  readonly target: number;
  readonly max: number;
  readonly baseFeeUpdateFraction: number;
}

/** The rules that hold in one block. */
export interface Rules {
  readonly fork: Fork;
  readonly chainId: bigint;
  /** True when the fork is this one or a later one. */
  has(fork: Fork): boolean;
  /** True from the fork on that brought the EIP. */
  hasEip(eip: number): boolean;
  /** Null before Cancun. */
  readonly blobs: BlobSchedule | null;
  /** The address of the deposit contract (EIP-6110). */
  readonly depositContract: Address;
  /** Bytes of code that an account may have from EIP-170 on; init code may be twice as long (EIP-3860). */
  readonly maxCodeBytes: number;
}

/** The EIPs that change execution, by the fork that brought them. */
const EIPS: { readonly [fork in Fork]?: readonly number[] } = {
  homestead: [2, 7],
  tangerineWhistle: [150],
  spuriousDragon: [155, 158, 160, 161, 170],
  byzantium: [140, 196, 197, 198, 211, 214, 649, 658],
  constantinople: [145, 1014, 1052, 1234],
  istanbul: [152, 1108, 1344, 1884, 2028, 2200],
  berlin: [2565, 2718, 2929, 2930],
  london: [1559, 3198, 3529, 3541],
  paris: [3675, 4399],
  shanghai: [3651, 3855, 3860, 4895],
  cancun: [1153, 4788, 4844, 5656, 6780, 7516],
  prague: [2537, 2935, 6110, 7002, 7251, 7623, 7685, 7691, 7702],
  osaka: [7594, 7823, 7825, 7883, 7892, 7918, 7939, 7951],
};

const RANK: ReadonlyMap<string, number> = new Map(FORKS.map((fork, index) => [fork, index]));

const FORK_OF_EIP: ReadonlyMap<number, Fork> = new Map(
  FORKS.flatMap((fork) => (EIPS[fork] ?? []).map((eip) => [eip, fork] as const)),
);

/** The place of a fork in {@link FORKS}. */
export function forkRank(fork: Fork): number {
  return RANK.get(fork) ?? 0;
}

/** True when `fork` is `since` or came after it. */
export function isSince(fork: Fork, since: Fork): boolean {
  return forkRank(fork) >= forkRank(since);
}

/** True when `fork` has the EIP; throws for an EIP that is not in the table. */
export function forkHasEip(fork: Fork, eip: number): boolean {
  const since = FORK_OF_EIP.get(eip);
  if (since === undefined) throw new RangeError(`EIP-${eip} is not in the table of forks`);
  return isSince(fork, since);
}
