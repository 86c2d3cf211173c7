import type { Address } from "../../eth/types.ts";
import { type BlobSchedule, type Fork, FORKS } from "../../evm/forks.ts";
import { printable } from "../../text/printable.ts";

/** The `config` of a geth genesis file. */
export interface ChainConfig {
  readonly chainId: bigint;
  /** The first block of each fork that has a block number; before the merge. */
  readonly blocks: ReadonlyMap<Fork, bigint>;
  /** The first timestamp of each fork that has one; after the merge. */
  readonly times: ReadonlyMap<Fork, bigint>;
  /** Blocks that count only for the fork id (EIP-2124): daoForkBlock without support, mergeNetsplitBlock. */
  readonly otherForkBlocks: readonly bigint[];
  readonly terminalTotalDifficulty: bigint | null;
  /** The first block known to be one of proof of stake; among `otherForkBlocks` as well. */
  readonly mergeNetsplitBlock?: bigint;
  readonly depositContract: Address;
  /** In place of EIP-170's limit, bytes. */
  readonly maxCodeBytes?: number | undefined;
  readonly blobSchedules: ReadonlyMap<Fork, BlobSchedule>;
}

/** A genesis file that this chain cannot be; the message names the field. */
export class GenesisError extends Error {
  override readonly name = "GenesisError";
}

const BLOCK_FIELDS: readonly (readonly [string, Fork])[] = [
  ["homesteadBlock", "homestead"],
  ["eip150Block", "tangerineWhistle"],
  ["eip158Block", "spuriousDragon"],
  ["byzantiumBlock", "byzantium"],
  ["constantinopleBlock", "constantinople"],
  ["petersburgBlock", "petersburg"],
  ["istanbulBlock", "istanbul"],
  ["muirGlacierBlock", "muirGlacier"],
  ["berlinBlock", "berlin"],
  ["londonBlock", "london"],
  ["arrowGlacierBlock", "arrowGlacier"],
  ["grayGlacierBlock", "grayGlacier"],
];
const TIME_FORKS: readonly Fork[] = ["shanghai", "cancun", "prague", "osaka", "bpo1", "bpo2", "bpo3", "bpo4", "bpo5"];
/** Forks that may be left out though a later one is set (geth's params.CheckConfigForkOrder). */
const OPTIONAL: ReadonlySet<string> = new Set(["muirGlacier", "arrowGlacier", "grayGlacier", "petersburg"]);

/** geth's params.Default*BlobConfig, which mainnet uses. */
export const DEFAULT_BLOBS: ReadonlyMap<Fork, BlobSchedule> = new Map([
  ["cancun", { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 }],
  ["prague", { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 }],
  ["osaka", { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 }],
  ["bpo1", { target: 10, max: 15, baseFeeUpdateFraction: 8_346_193 }],
  ["bpo2", { target: 14, max: 21, baseFeeUpdateFraction: 11_684_671 }],
]);

/** Mainnet's deposit contract, where geth looks when a genesis names none. */
export const MAINNET_DEPOSIT_CONTRACT: Address = "0x00000000219ab540356cbb839cbe05303d7705fa";

/** Reads geth's `config` object. */
export function readChainConfig(config: Record<string, unknown>): ChainConfig {
  const chainId = optionalNumber(config, "chainId");
  if (chainId === null || chainId <= 0n) throw new GenesisError("genesis config.chainId: expected a positive number");
  if (config["clique"] !== undefined) {
    throw new GenesisError("genesis config.clique: this chain has no clique consensus");
  }
  if (config["daoForkSupport"] === true) throw new GenesisError("genesis config.daoForkSupport: not supported");
  for (const field of ["amsterdamTime", "bogotaTime", "verkleTime", "ubtTime"]) {
    if (optionalNumber(config, field) !== null) {
      throw new GenesisError(`genesis config.${field}: not a final fork here`);
    }
  }
  const eip155 = optionalNumber(config, "eip155Block");
  if (eip155 !== null && eip155 !== optionalNumber(config, "eip158Block")) {
    throw new GenesisError("genesis config.eip155Block: must equal eip158Block");
  }
  const blocks = new Map<Fork, bigint>([["chainstart", 0n]]);
  for (const [field, fork] of BLOCK_FIELDS) {
    const block = optionalNumber(config, field);
    if (block !== null) blocks.set(fork, block);
  }
  // geth's IsPetersburg: Constantinople alone means both, since EIP-1283 was withdrawn before any chain ran it.
  const constantinople = blocks.get("constantinople");
  if (constantinople !== undefined && !blocks.has("petersburg")) blocks.set("petersburg", constantinople);
  const times = new Map<Fork, bigint>();
  for (const fork of TIME_FORKS) {
    const time = optionalNumber(config, `${fork}Time`);
    if (time !== null) times.set(fork, time);
  }
  checkOrder(blocks, times);
  const mergeNetsplitBlock = optionalNumber(config, "mergeNetsplitBlock");
  return {
    chainId,
    blocks,
    times,
    ...(mergeNetsplitBlock === null ? {} : { mergeNetsplitBlock }),
    otherForkBlocks: ["daoForkBlock", "mergeNetsplitBlock"].flatMap((field) => optionalNumber(config, field) ?? []),
    terminalTotalDifficulty: optionalNumber(config, "terminalTotalDifficulty"),
    depositContract: readAddress(config["depositContractAddress"]) ?? MAINNET_DEPOSIT_CONTRACT,
    blobSchedules: readBlobSchedules(config["blobSchedule"], times),
  };
}

function checkOrder(blocks: ReadonlyMap<Fork, bigint>, times: ReadonlyMap<Fork, bigint>): void {
  for (const [points, kind] of [[blocks, "block"], [times, "timestamp"]] as const) {
    let last: readonly [string, bigint] | null = null;
    let missing: string | null = null;
    for (const fork of FORKS) {
      const at = points.get(fork);
      const candidate = kind === "block" ? BLOCK_FIELDS.some(([, name]) => name === fork) : TIME_FORKS.includes(fork);
      if (at === undefined) {
        if (candidate && !OPTIONAL.has(fork) && !fork.startsWith("bpo")) missing ??= fork;
        continue;
      }
      if (missing !== null) {
        throw new GenesisError(
          `unsupported fork ordering: ${missing} not enabled, but ${fork} enabled at ${kind} ${at}`,
        );
      }
      if (last !== null && at < last[1]) {
        throw new GenesisError(
          `unsupported fork ordering: ${last[0]} enabled at ${kind} ${last[1]}, but ${fork} enabled at ${kind} ${at}`,
        );
      }
      last = [fork, at];
    }
  }
}

function readBlobSchedules(value: unknown, times: ReadonlyMap<Fork, bigint>): ReadonlyMap<Fork, BlobSchedule> {
  const given = fieldsOf(value ?? {});
  const schedules = new Map<Fork, BlobSchedule>();
  for (const fork of TIME_FORKS) {
    const entry = given[fork] === undefined ? undefined : fieldsOf(given[fork]);
    const fallback = DEFAULT_BLOBS.get(fork);
    if (entry === undefined) {
      if (fallback !== undefined) schedules.set(fork, fallback);
      else if (times.has(fork) && fork !== "shanghai") {
        throw new GenesisError(`missing entry for fork "${fork}" in blobSchedule`);
      }
      continue;
    }
    const number = (field: string) => Number(optionalNumber(entry, field) ?? 0n);
    const schedule = {
      target: number("target"),
      max: number("max"),
      baseFeeUpdateFraction: number("baseFeeUpdateFraction"),
    };
    if (schedule.target > schedule.max) throw new GenesisError(`genesis blobSchedule.${fork}: target is above max`);
    if (schedule.baseFeeUpdateFraction === 0) {
      throw new GenesisError(`genesis blobSchedule.${fork}: baseFeeUpdateFraction must be defined and non-zero`);
    }
    schedules.set(fork, schedule);
  }
  return schedules;
}

/** Reads a number that geth writes as a JSON number, as decimal digits or as hex; null when absent. */
export function optionalNumber(object: Record<string, unknown>, field: string): bigint | null {
  const value = object[field];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === "string" && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value)) return BigInt(value);
  throw new GenesisError(`genesis ${field}: expected a number, found ${shown(value)}`);
}

/** Reads an address with or without `0x`; null when absent. */
export function readAddress(value: unknown): Address | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" && /^(0x)?[0-9a-fA-F]{40}$/.test(value)) {
    return `0x${value.replace(/^0x/, "").toLowerCase()}`;
  }
  throw new GenesisError(`genesis: expected an address, found ${shown(value)}`);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new GenesisError(`genesis blobSchedule: expected an object, found ${shown(value)}`);
}

const MAX_SHOWN_CHARACTERS = 80;

/** Shows an unexpected value of a file: short, on one line, and without characters that steer a terminal. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, part) => typeof part === "bigint" ? String(part) : part) ?? "nothing";
  const cut = text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}...` : text;
  return printable(cut);
}
