// The embedded chain: blocks, state, pool, sealing, import and the control of a development chain, in memory or on disk. It
// implements the roles of node/ and knows neither JSON-RPC nor a connection: the names, parameters and permissions of
// methods belong to namespaces/, the notification of subscribers to pubsub/. A folder may import those before it:
// consensus < store < journal < encode < pool < core < seal < roles; each README says what lives there. If you are writing a
// method's name here, you are in the wrong place. It may import node/, evm/, state/, primitives/, crypto/, eth/ and the
// types of rpc/.

export type { DevAccount } from "./consensus/dev_accounts.ts";
export {
  DEFAULT_ACCOUNT_COUNT,
  DEFAULT_MNEMONIC,
  GETH_DEVELOPER,
  mnemonicAccounts,
  MnemonicError,
} from "./consensus/dev_accounts.ts";
export { type ChainConfig, DEFAULT_BLOBS, GenesisError, MAINNET_DEPOSIT_CONTRACT } from "./consensus/chain_config.ts";
export { ForkSchedule } from "./consensus/forks.ts";
export { checkLogCriteria, type LogRange, logRange } from "./roles/read/log_range.ts";
export { damaged, diskFault, JournalError } from "./journal/journal_error.ts";
export type { ChainOptions, EmbeddedChain } from "./options.ts";
export { type ChainStart, fundedWorld } from "./start.ts";
export type { ImportProgress } from "./seal/import.ts";
export { ExportError } from "./seal/export_error.ts";
export { ImportError } from "./seal/import.ts";
export { createDevChain } from "./embedded_node.ts";
