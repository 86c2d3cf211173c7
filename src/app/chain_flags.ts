import type { ChainOptions } from "../chain/mod.ts";
import type { Config } from "../cli/mod.ts";
import { logger } from "./log.ts";

/** Returns the options of the embedded chain that flags name, and not files. */
export function chainFlags(config: Config): Omit<ChainOptions, "start" | "genesis" | "blocks"> {
  const log = logger("chain");
  const named = [...config["ws.api"], ...config["http.api"]];
  const isTestNode = named.includes("anvil") || named.includes("hardhat");
  return {
    networkId: config.networkid === undefined ? undefined : BigInt(config.networkid),
    period: config["dev.period"],
    gasLimit: BigInt(config["dev.gaslimit"]),
    mnemonic: config["dev.mnemonic"],
    accounts: config["dev.accounts"],
    // Test tools send without a tip and deploy by keyless transactions, which anvil and hardhat take.
    minTip: BigInt(config["miner.gasprice"] ?? (isTestNode ? 0 : 1)),
    allowsUnprotected: config["rpc.allow-unprotected-txs"] || isTestNode,
    gasCap: BigInt(config["rpc.gascap"]),
    evmTimeoutMs: config["rpc.evmtimeout"],
    maxCodeBytes: config["code-size-limit"],
    gcmode: config.gcmode,
    cacheBytes: config.cache * 2 ** 20,
    onError: (error) => log.error("Sealing failed", { error }),
  };
}
