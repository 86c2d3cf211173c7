import type { ImportProgress } from "./seal/import.ts";
import type { Database } from "./journal/database.ts";
import type { Node } from "../node/node.ts";
import type { DevControl } from "../node/dev.ts";
import type { PoolReader } from "../node/pool.ts";
import type { RawReader } from "../node/raw.ts";
import type { BlockBuilder } from "../node/testing.ts";
import type { Inspector } from "../node/inspect.ts";
import type { Simulator } from "../node/simulate.ts";
import type { Tracer } from "../node/trace.ts";
import type { DevAccount } from "./consensus/dev_accounts.ts";
import type { ChainStart } from "./start.ts";

/** The flags that concern the chain. Each may be left out. */
export interface ChainOptions {
  /** --dev.chainid; 1337. Ignored with `genesis`. */
  readonly chainId?: bigint | undefined;
  /** --networkid; the chain id when absent. */
  readonly networkId?: bigint | undefined;
  /** --dev.period, seconds; 0 seals a block for each transaction. */
  readonly period?: number | undefined;
  /** --dev.gaslimit, that of block 0; 11,500,000. Ignored with `genesis`. */
  readonly gasLimit?: bigint | undefined;
  /** --dev.mnemonic */
  readonly mnemonic?: string | undefined;
  /** --dev.accounts; 10. */
  readonly accounts?: number | undefined;
  /** The text of --genesis. */
  readonly genesis?: string | undefined;
  /** The block on which the chain begins in place of a genesis of its own; `genesis` and the flags of one are ignored. */
  readonly start?: ChainStart | undefined;
  /** The bytes of --import. */
  readonly blocks?: Uint8Array | undefined;
  /** --export: takes the blocks as `geth export` writes them, a piece at a time, once the chain is there. */
  readonly onBlocks?: ((bytes: Uint8Array) => Promise<void>) | undefined;
  /** --cache: what nodes of a state on disk may take in memory, bytes; 16 MiB. */
  readonly cacheBytes?: number | undefined;
  readonly onImport?: ((progress: ImportProgress) => void) | undefined;
  /** --miner.gasprice, the least tip that the pool admits, wei; 1. */
  readonly minTip?: bigint | undefined;
  /** --rpc.allow-unprotected-txs: takes signed transactions without a chain id (EIP-155). */
  readonly allowsUnprotected?: boolean | undefined;
  /** --code-size-limit, bytes in place of EIP-170's 24,576. */
  readonly maxCodeBytes?: number | undefined;
  /** --rpc.gascap; 50,000,000; 0 is none. */
  readonly gasCap?: bigint | undefined;
  /** --rpc.evmtimeout, milliseconds; 5,000; 0 is none. */
  readonly evmTimeoutMs?: number | undefined;
  /** --gcmode: `full` keeps the states of the newest 128 blocks. */
  readonly gcmode?: "archive" | "full" | undefined;
  /** --datadir: the open file that the chain is kept in; in memory when absent. It is closed with the chain. */
  readonly database?: Database | undefined;
  /** Seals by itself; true unless blocks are imported. */
  readonly automine?: boolean | undefined;
  /** Called when sealing on the timer fails. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Milliseconds since the epoch; Date.now when absent. */
  readonly now?: (() => number) | undefined;
}

/** The chain inside this process: every role that the namespaces know, and what the composition root needs. */
export interface EmbeddedChain extends Node {
  readonly dev: DevControl;
  readonly pool: PoolReader;
  readonly raw: RawReader;
  readonly simulator: Simulator;
  readonly tracer: Tracer;
  readonly inspector: Inspector;
  readonly builder: BlockBuilder;
  /** The funded accounts that the node can sign for; none with `genesis`. */
  readonly accounts: readonly DevAccount[];
  /** Stops the timers, and closes the file of a chain on disk. */
  close(): void;
}
