import type { Address, Hash } from "../../../eth/types.ts";
import { type Fork, FORKS, isSince } from "../../../evm/forks.ts";
import type { ChainCore } from "../../core/core.ts";
import { BEACON_ROOTS, CONSOLIDATION_QUEUE, HISTORY_STORAGE, WITHDRAWAL_QUEUE } from "../../../evm/system_contracts.ts";
import { quantity } from "../../../primitives/hex.ts";

/** The precompiles by the names of EIP-7910, with the fork that brought each. */
const PRECOMPILES: readonly (readonly [string, number, Fork])[] = [
  ["BLAKE2F", 0x09, "istanbul"],
  ["BLS12_G1ADD", 0x0b, "prague"],
  ["BLS12_G1MSM", 0x0c, "prague"],
  ["BLS12_G2ADD", 0x0d, "prague"],
  ["BLS12_G2MSM", 0x0e, "prague"],
  ["BLS12_MAP_FP2_TO_G2", 0x11, "prague"],
  ["BLS12_MAP_FP_TO_G1", 0x10, "prague"],
  ["BLS12_PAIRING_CHECK", 0x0f, "prague"],
  ["BN254_ADD", 0x06, "byzantium"],
  ["BN254_MUL", 0x07, "byzantium"],
  ["BN254_PAIRING", 0x08, "byzantium"],
  ["ECREC", 0x01, "chainstart"],
  ["ID", 0x04, "chainstart"],
  ["KZG_POINT_EVALUATION", 0x0a, "cancun"],
  ["MODEXP", 0x05, "byzantium"],
  ["P256VERIFY", 0x100, "osaka"],
  ["RIPEMD160", 0x03, "chainstart"],
  ["SHA256", 0x02, "chainstart"],
];

/** Returns the fork configuration of EIP-7910: now, next and last; null where there is no timestamp fork. */
export async function configOf(core: ChainCore): Promise<unknown> {
  // Loaded only now: Node's module takes 20 ms of a start (measured).
  const { crc32 } = await import("node:zlib");
  const describe = (fork: Fork) => describedFork(core, { fork, crc32 });
  const { times } = core.forks.config;
  const scheduled = FORKS.filter((fork) => times.has(fork));
  const { timestamp } = core.blocks.head.header;
  const active = scheduled.filter((fork) => (times.get(fork) ?? 0n) <= timestamp);
  const current = active.at(-1);
  const next = scheduled[active.length];
  return {
    current: current === undefined ? null : describe(current),
    next: next === undefined ? null : describe(next),
    last: next === undefined ? null : describe(scheduled.at(-1) ?? next),
  };
}

/** A CRC-32 that goes on from an earlier one. */
type Checksum = (data: Uint8Array, from?: number) => number;

function describedFork(core: ChainCore, { fork, crc32 }: { readonly fork: Fork; readonly crc32: Checksum }): unknown {
  const { chainId, times, depositContract } = core.forks.config;
  const time = times.get(fork) ?? 0n;
  const has = (other: Fork) => isSince(fork, other);
  const precompiles: Record<string, Address> = {};
  for (const [name, number, since] of PRECOMPILES) {
    if (has(since)) precompiles[name] = `0x${number.toString(16).padStart(40, "0")}`;
  }
  const systemContracts: Record<string, Address> = {};
  if (has("cancun")) systemContracts["BEACON_ROOTS_ADDRESS"] = BEACON_ROOTS.address;
  if (has("prague")) {
    systemContracts["CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS"] = CONSOLIDATION_QUEUE.address;
    systemContracts["DEPOSIT_CONTRACT_ADDRESS"] = depositContract;
    systemContracts["HISTORY_STORAGE_ADDRESS"] = HISTORY_STORAGE.address;
    systemContracts["WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS"] = WITHDRAWAL_QUEUE.address;
  }
  const genesis = core.blocks.genesis;
  return {
    activationTime: genesis.header.timestamp >= time ? 0 : Number(time),
    blobSchedule: core.forks.blobsOf(fork),
    chainId: quantity(chainId),
    forkId: forkId(core, { genesis: genesis.hash, genesisTime: genesis.header.timestamp, time, crc32 }),
    precompiles,
    systemContracts,
  };
}

/** Returns the fork id of EIP-2124: the checksum of the genesis hash and of every fork passed. */
function forkId(
  core: ChainCore,
  at: { readonly genesis: Hash; readonly genesisTime: bigint; readonly time: bigint; readonly crc32: Checksum },
): string {
  const { blocks, otherForkBlocks, times } = core.forks.config;
  const points = new Set([...blocks.values(), ...otherForkBlocks].filter((block) => block > 0n).sort(ascending));
  const later = [...times.values()].filter((time) => time > at.genesisTime && time <= at.time).sort(ascending);
  let checksum = at.crc32(Uint8Array.fromHex(at.genesis.slice(2)));
  for (const point of [...points, ...new Set(later)]) {
    checksum = at.crc32(Uint8Array.fromHex(point.toString(16).padStart(16, "0")), checksum);
  }
  return `0x${checksum.toString(16).padStart(8, "0")}`;
}

function ascending(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
