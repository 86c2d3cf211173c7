import { ADVICE, type ForeignFlag, foreignTable } from "./foreign_flag.ts";

/** Flags of anvil 1.7 whose work is done here by another flag or method, or not at all. */
export const ANVIL_FLAGS: ReadonlyMap<string, ForeignFlag> = foreignTable("anvil", [
  ["host", "value", "listening interface", "use --ws.addr and --http.addr"],
  ["accounts", "value", "number of developer accounts", "use --dev.accounts"],
  ["mnemonic", "value", "mnemonic of the developer accounts", "use --dev.mnemonic"],
  ["balance", "value", "ether of each developer account", "use --genesis, or anvil_setBalance"],
  ["block-time", "value", "seconds between blocks", "use --dev.period"],
  ["gas-limit", "value", "gas limit of the blocks", "use --dev.gaslimit"],
  ["base-fee", "value", "base fee of the first block", "use --genesis, or hardhat_setNextBlockBaseFeePerGas"],
  ["chain-id", "value", "chain id", "use --genesis, or anvil_setChainId"],
  ["timestamp", "value", "time of the genesis block", "use --genesis"],
  ["init", "value", "genesis file", "use --genesis"],
  ["hardfork", "value", "fork whose rules hold", "use --genesis with the forks in its config"],
  ["allow-origin", "value", "origins that may read answers", "use --ws.origins and --http.corsdomain"],
  ["no-cors", "switch", "no answers to other origins", "leave it out, that is the default"],
  ["silent", "switch", "no output", "use --verbosity 0"],
  ["auto-impersonate", "switch", "sends from every account", "use anvil_autoImpersonateAccount"],
  ["no-mining", "switch", "no blocks by themselves", "use evm_setAutomine"],
  ["order", "value", "order of transactions in a block", "leave it out, fees decide the order"],
  ["steps-tracing", "switch", "step traces", "leave it out; --ws.api debug has the tracers"],
  ["prune-history", "switch", "no old states", "use --gcmode full"],
  ["state", "value", "file of the chain", "the chain is in memory; see anvil_dumpState and anvil_loadState"],
  ["dump-state", "value", "file of the chain at the end", "use anvil_dumpState"],
  ["load-state", "value", "file of the chain at the start", "use anvil_loadState"],
  ["ipc", "switch", "IPC socket", "there is no IPC socket; use --ws"],
  ["no-rate-limit", "switch", "no limit of requests to the fork", ADVICE.leaveOut],
]);
