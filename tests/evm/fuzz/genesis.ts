import { type Fork, FORKS, isSince } from "../../../src/evm/forks.ts";

/** The members of a genesis file's `config` that switch the forks on, by the fork. */
const BLOCK_MEMBERS: Partial<Record<Fork, readonly string[]>> = {
  homestead: ["homesteadBlock"],
  tangerineWhistle: ["eip150Block"],
  spuriousDragon: ["eip155Block", "eip158Block"],
  byzantium: ["byzantiumBlock"],
  constantinople: ["constantinopleBlock"],
  petersburg: ["petersburgBlock"],
  istanbul: ["istanbulBlock"],
  muirGlacier: ["muirGlacierBlock"],
  berlin: ["berlinBlock"],
  london: ["londonBlock"],
};

const TIME_MEMBERS: Partial<Record<Fork, string>> = {
  shanghai: "shanghaiTime",
  cancun: "cancunTime",
  prague: "pragueTime",
  osaka: "osakaTime",
};

const BLOBS = { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 };
/** geth's `init` wants a number, and one that no chain reaches. */
const UNREACHED_DIFFICULTY = 1_000_000_000_000;

/** A genesis file of a chain that is in `fork` from block 0, the text of a JSON document. */
export function genesisOf(fork: Fork): string {
  const merged = isSince(fork, "paris");
  const config: Record<string, unknown> = {
    chainId: 1337,
    terminalTotalDifficulty: merged ? 0 : UNREACHED_DIFFICULTY,
    blobSchedule: { cancun: BLOBS, prague: BLOBS, osaka: BLOBS },
  };
  for (const each of FORKS) {
    if (!isSince(fork, each)) continue;
    for (const member of BLOCK_MEMBERS[each] ?? []) config[member] = 0;
    const time = TIME_MEMBERS[each];
    if (time !== undefined) config[time] = 0;
  }
  return JSON.stringify({
    config,
    difficulty: merged ? "0x0" : "0x20000",
    gasLimit: "0x1c9c380",
    timestamp: "0x6543210",
    mixHash: `0x${"5a".repeat(32)}`,
    coinbase: `0x${"cb".repeat(20)}`,
    alloc: { [`0x${"e1".repeat(20)}`]: { balance: "0x1" } },
  });
}
