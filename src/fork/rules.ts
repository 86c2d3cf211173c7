import { type ChainConfig, DEFAULT_BLOBS, ForkSchedule, MAINNET_DEPOSIT_CONTRACT } from "../chain/mod.ts";
import type { Address } from "../eth/types.ts";
import { type BlobSchedule, type Fork, FORKS } from "../evm/forks.ts";
import type { Header } from "../primitives/header.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import { ALL_FROM_START, knownNetwork } from "./networks.ts";

/** The rules for the blocks on top of a forked one, and where they come from. */
export interface ForkRules {
  readonly config: ChainConfig;
  /** `mainnet`, `eth_config of the upstream` or `the fields of the block`. */
  readonly origin: string;
  /** True for a network whose forks are known here, down to those of proof of work. */
  readonly isKnown: boolean;
}

/** One entry of EIP-7910's answer. */
interface ConfigEntry {
  readonly time: bigint;
  readonly fork: Fork;
  readonly blobs: BlobSchedule | null;
  readonly depositContract: Address | undefined;
}

/** A precompile that only a fork and those after it have, by the names of EIP-7910, the newest first. */
const NEWEST_PRECOMPILE: readonly (readonly [string, Fork])[] = [
  ["P256VERIFY", "osaka"],
  ["BLS12_G1ADD", "prague"],
  ["KZG_POINT_EVALUATION", "cancun"],
];

/**
 * Returns the rules for the blocks on top of `header`: those of a known network; else those that the upstream's eth_config
 * names; else the oldest ones that have all the fields of the header. `config` is null where the upstream has no eth_config.
 */
export function rulesFor(
  header: Header,
  { chainId, config }: { readonly chainId: bigint; readonly config: RawJson | null },
): ForkRules {
  const known = knownNetwork(chainId);
  if (known !== null && fits(header, known.config)) return { config: known.config, origin: known.name, isKnown: true };
  const entries = config === null ? [] : readConfig(config.decode());
  const current = entries.findLast(({ time }) => time <= header.timestamp);
  if (current === undefined) {
    return { config: configFrom(chainId, [entryOf(header)]), origin: "the fields of the block", isKnown: false };
  }
  const later = entries.filter(({ time }) => time > header.timestamp);
  return { config: configFrom(chainId, [current, ...later]), origin: "eth_config of the upstream", isKnown: false };
}

/** Returns true where a block of these forks has the fields of this one: private networks have the ids of public ones, too. */
function fits(header: Header, config: ChainConfig): boolean {
  const { number, timestamp, difficulty } = header;
  const { has } = new ForkSchedule(config).at(number, timestamp, difficulty === 0n);
  return has("london") === (header.baseFeePerGas !== undefined) &&
    has("shanghai") === (header.withdrawalsRoot !== undefined) &&
    has("cancun") === (header.parentBeaconBlockRoot !== undefined) &&
    has("prague") === (header.requestsHash !== undefined);
}

function configFrom(chainId: bigint, [current, ...later]: readonly ConfigEntry[]): ChainConfig {
  const times = new Map<Fork, bigint>();
  const blobs = new Map<Fork, BlobSchedule>(DEFAULT_BLOBS);
  const reached = FORKS.indexOf(current?.fork ?? "paris");
  for (const fork of FORKS.slice(FORKS.indexOf("shanghai"), reached + 1)) times.set(fork, 0n);
  if (current?.blobs != null) blobs.set(current.fork, current.blobs);
  let last = reached;
  for (const { fork, time, blobs: schedule } of later) {
    const index = FORKS.indexOf(fork);
    // A fork that changes nothing but blobs has the precompiles of the one before it (EIP-7892).
    const place = index > last ? index : Math.max(last + 1, FORKS.indexOf("bpo1"));
    const name = FORKS[place];
    if (name === undefined) break;
    times.set(name, time);
    if (schedule !== null) blobs.set(name, schedule);
    last = place;
  }
  return {
    chainId,
    blocks: ALL_FROM_START,
    times,
    otherForkBlocks: [],
    terminalTotalDifficulty: 0n,
    depositContract: current?.depositContract ?? MAINNET_DEPOSIT_CONTRACT,
    blobSchedules: blobs,
  };
}

/** The oldest fork whose blocks have the fields of this one. */
function entryOf(header: Header): ConfigEntry {
  const fork = header.requestsHash !== undefined
    ? "prague"
    : header.parentBeaconBlockRoot !== undefined
    ? "cancun"
    : header.withdrawalsRoot !== undefined
    ? "shanghai"
    : "paris";
  return { time: 0n, fork, blobs: null, depositContract: undefined };
}

/** Reads what can be read of EIP-7910's answer, the oldest entry first. */
function readConfig(answer: unknown): ConfigEntry[] {
  const { current, next, last } = fieldsOf(answer);
  const entries = [current, next, last].flatMap((entry) => readEntry(fieldsOf(entry)) ?? []);
  const seen = new Set<bigint>();
  return entries.filter(({ time }) => !seen.has(time) && seen.add(time));
}

function readEntry({ activationTime, blobSchedule, precompiles, systemContracts }: Fields): ConfigEntry | null {
  if (typeof activationTime !== "number" || !Number.isSafeInteger(activationTime)) return null;
  const offered = fieldsOf(precompiles);
  const contract = fieldsOf(systemContracts)["DEPOSIT_CONTRACT_ADDRESS"];
  const fork = NEWEST_PRECOMPILE.find(([name]) => name in offered)?.[1] ?? "shanghai";
  const blobs = readSchedule(fieldsOf(blobSchedule));
  return {
    time: BigInt(activationTime),
    fork: fork === "osaka" ? blobForkOf(blobs) ?? fork : fork,
    blobs,
    depositContract: typeof contract === "string" && /^0x[0-9a-fA-F]{40}$/.test(contract)
      ? `0x${contract.slice(2).toLowerCase()}`
      : undefined,
  };
}

/** The fork since Osaka that has this schedule on the public networks. */
function blobForkOf(blobs: BlobSchedule | null): Fork | undefined {
  return FORKS.slice(FORKS.indexOf("bpo1")).find((fork) => {
    const usual = DEFAULT_BLOBS.get(fork);
    return usual !== undefined && usual.target === blobs?.target && usual.max === blobs.max;
  });
}

function readSchedule({ target, max, baseFeeUpdateFraction }: Fields): BlobSchedule | null {
  const isCount = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value);
  if (!isCount(target) || !isCount(max) || !isCount(baseFeeUpdateFraction)) return null;
  return target > max || target < 0 || baseFeeUpdateFraction <= 0 ? null : { target, max, baseFeeUpdateFraction };
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? value as Fields : {};
}
