import type { RawJson } from "../rpc/raw_json.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { Address, Data, Hash, Quantity, TransactionRequest } from "../eth/types.ts";
import type { FilledTransaction } from "./submit.ts";

/** The options of evm_mine and evm_mine_detailed. */
export interface MineOptions {
  /** How many blocks; 1 when absent. */
  readonly blocks?: bigint | undefined;
  /** The timestamp of the (first) block, seconds. */
  readonly timestamp?: bigint | undefined;
}

/** One transaction of anvil_reorg: put into the block at `offset` (0 is the first replaced block). */
export interface ReorgTransaction {
  /** Signed bytes, or a request to run as its (impersonated) `from`. */
  readonly transaction: Data | TransactionRequest;
  readonly offset: number;
}

/** The chain of another node that this one is a fork of. */
export interface ForkInfo {
  /** Scheme, host and port of the first upstream: the rest of a URL may be a key. */
  readonly url: string;
  /** The other chain's id, which anvil_setChainId does not change. */
  readonly chainId: Quantity;
  readonly blockNumber: Quantity;
  readonly blockHash: Hash;
}

/** What to fork from: the upstream of before where there is no URL, its newest block where there is no number. */
export interface Forking {
  readonly url?: string | undefined;
  readonly blockNumber?: bigint | undefined;
}

/** The state of the chain as hardhat and anvil report it; the namespaces add the client's name and version. */
export interface DevNodeInfo {
  readonly currentBlockNumber: Quantity;
  readonly currentBlockHash: Hash;
  /** Unix seconds of the head. */
  readonly currentBlockTimestamp: Quantity;
  readonly hardFork: string;
  readonly transactionOrder: "fees";
  readonly chainId: Quantity;
  readonly baseFee: Quantity;
  readonly gasLimit: Quantity;
  readonly gasPrice: Quantity;
  /** New in each process, and after each reset. */
  readonly instanceId: Hash;
  /** The live snapshots: id, and the block that was the head when it was taken. */
  readonly snapshots: readonly { readonly id: Quantity; readonly number: Quantity; readonly hash: Hash }[];
  /** Null for a chain of its own. */
  readonly fork: ForkInfo | null;
}

/** The time between the blocks of one call, and the signal that ends it. */
export interface MineInterval {
  /** Seconds. */
  readonly interval?: bigint | undefined;
  readonly signal?: AbortSignal;
}

/** Seals blocks on request and controls automatic sealing: anvil_mine, evm_mine, automine and interval mining. */
export interface MiningControl {
  /**
   * Seals `blocks` blocks, each `interval` seconds after the one before; the clock goes ahead as far. Without an
   * interval, or with 0, each takes its usual time. Blocks that were sealed before the signal stay.
   */
  mine(blocks: bigint, how?: MineInterval): Promise<void>;
  /** Seals as many blocks as the options say, one by default, the first at their timestamp. */
  mineWith(options: MineOptions, signal?: AbortSignal): Promise<void>;
  /** Seals as `mineWith` does and answers a list of the sealed blocks, with full transactions. */
  mineDetailed(options: MineOptions, signal?: AbortSignal): Promise<RawJson>;
  automine(): boolean;
  setAutomine(enabled: boolean): Promise<void>;
  /** The interval in seconds, null when blocks are not sealed on a timer. */
  intervalMining(): number | null;
  /** Seals every `seconds`; 0 turns the timer off. Automine is off while the timer runs. */
  setIntervalMining(seconds: number): Promise<void>;
}

/** Sets the clock of the chain and the fields of the blocks to come. */
export interface BlockControl {
  /** Moves the clock ahead; answers the total offset to real time, a JSON integer in seconds. */
  increaseTime(seconds: bigint): Awaitable<RawJson>;
  /** Sets the clock; answers by how many seconds that moved it ahead, a JSON integer. */
  setTime(timestamp: bigint): Awaitable<RawJson>;
  /** Fixes the timestamp of the next block; -32602 when it is not above the head's. */
  setNextBlockTimestamp(timestamp: bigint): Awaitable<void>;
  setBlockTimestampInterval(seconds: bigint): Awaitable<void>;
  /** False when no interval was set. */
  removeBlockTimestampInterval(): Awaitable<boolean>;
  setCoinbase(address: Address): Awaitable<void>;
  setBlockGasLimit(gasLimit: bigint): Awaitable<void>;
  /** The base fee of the next block only, wei. */
  setNextBlockBaseFeePerGas(baseFee: bigint): Awaitable<void>;
  /** The least tip that the pool admits, wei. */
  setMinGasPrice(gasPrice: bigint): Awaitable<void>;
  /** PREVRANDAO of the next block only. */
  setNextBlockPrevRandao(prevRandao: Hash): Awaitable<void>;
  /** Changes the id that new transactions must carry and that eth_chainId answers. */
  setChainId(chainId: bigint): Awaitable<void>;
  /** Unix seconds of block 0, a JSON integer. */
  genesisTime(): Awaitable<RawJson>;
}

/** Changes accounts of the head without a transaction. */
export interface AccountControl {
  setBalance(address: Address, balance: bigint): Promise<void>;
  addBalance(address: Address, amount: bigint): Promise<void>;
  /** -32602 when lower than the current nonce would break the pool's order; anvil and hardhat admit any. */
  setNonce(address: Address, nonce: bigint): Promise<void>;
  setCode(address: Address, code: Data): Promise<void>;
  setStorageAt(address: Address, slot: Hash, value: Hash): Promise<void>;
  impersonate(address: Address): Awaitable<void>;
  /** False when it was not impersonated. */
  stopImpersonating(address: Address): Awaitable<boolean>;
  /** Treats every address as impersonated. */
  setAutoImpersonate(enabled: boolean): Awaitable<void>;
  /** The impersonated addresses. */
  impersonated(): readonly Address[];
  /** True when transactions of this account need no signature. */
  isImpersonated(address: Address): boolean;
}

/** Puts transactions into the pool without a signature, and takes them out. */
export interface PoolControl {
  /** Pools a transaction of an impersonated account. */
  sendUnsigned(filled: FilledTransaction): Promise<Hash>;
  /** The hash when it was there, else null. */
  dropTransaction(hash: Hash): Awaitable<Hash | null>;
  dropAllTransactions(): Awaitable<void>;
  /** Drops all of one sender. */
  removePoolTransactions(address: Address): Awaitable<void>;
}

/** Makes snapshots, reverts, reorganisations, resets, dumps and loads. */
export interface TimeMachine {
  /** Remembers the whole chain; a pointer, not a copy. */
  snapshot(): Promise<Quantity>;
  /** Goes back to a snapshot, and forgets it and all later ones. False when there is no such snapshot. */
  revert(id: Quantity): Promise<boolean>;
  /** Replaces the newest `depth` blocks by as many new ones. */
  reorg(depth: number, transactions: readonly ReorgTransaction[]): Promise<void>;
  /** Takes the newest `depth` blocks off. */
  rollback(depth: number): Promise<void>;
  /** Starts again: as a fork, or from genesis without `forking`. -32602 where the chain cannot be a fork. */
  reset(forking?: Forking): Promise<void>;
  /** The chain with the state of its head (and with `history` of each block), gzipped JSON that anvil loads too. */
  dumpState(history: boolean): Promise<Data>;
  /** Takes over the blocks of a dump that continues this chain; of any other, puts the accounts over the head's. */
  loadState(state: Data): Promise<boolean>;
}

/** The whole control that anvil, hardhat and ganache give a test over its chain. Values are typed and in range. */
export interface DevControl extends MiningControl, BlockControl, AccountControl, PoolControl, TimeMachine {
  nodeInfo(): Awaitable<DevNodeInfo>;
  /** Reads from another upstream of the same chain from now on; the local blocks stay. */
  setRpcUrl(url: string): Promise<void>;
}
