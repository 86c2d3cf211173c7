// The embedded chain: blocks, state, pool, sealing, import and the time machine, all in memory. The only layer that
// imports @ethereumjs. It implements the roles of node/ and knows neither JSON-RPC nor a connection: what a method is
// called, how its parameters look and what is allowed belongs to namespaces/, who is told of a block to pubsub/. If you
// are writing a method's name here, you are in the wrong place. It may import node/, eth/ and the types of rpc/.

import "./no_env.ts";

export type { DevAccount } from "./dev_accounts.ts";
export { DEFAULT_ACCOUNT_COUNT, DEFAULT_MNEMONIC, MnemonicError } from "./dev_accounts.ts";
export { GenesisError } from "./chain_config.ts";
export type { ChainOptions, EmbeddedChain, ImportProgress } from "./options.ts";
export { ImportError } from "./import.ts";
export { createDevChain } from "./embedded_chain.ts";
