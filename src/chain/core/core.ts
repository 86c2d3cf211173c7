import type { BlockRef, Hash } from "../../eth/types.ts";
import { serverError } from "../../rpc/error.ts";
import type { BlockRecord, RecentBlocks } from "../store/block_record.ts";
import type { BlockEnv } from "../../evm/env.ts";
import type { BlockContext } from "../../evm/env.ts";
import type { Machine } from "../../evm/machine.ts";
import { ChainEvents } from "./events.ts";
import type { Rules } from "../../evm/forks.ts";
import type { ForkSchedule } from "../consensus/forks.ts";
import type { Header } from "../../primitives/header.ts";
import { blobBaseFee } from "../consensus/header_rules.ts";
import { Pool } from "../pool/pool.ts";
import type { Pooled } from "../pool/pooled.ts";
import { Mutex } from "../../concurrency/mutex.ts";
import type { Settings } from "./settings.ts";
import type { World } from "../../state/world.ts";
import { ChainStore } from "../store/block_store.ts";
import { WireCache } from "../encode/encoded_block_cache.ts";
import { isDelegation } from "../../primitives/delegation.ts";

/** What BLOCKHASH reaches back. */
const MAX_BLOCK_HASH_DEPTH = 256n;
/** geth keeps as many states with --gcmode full. */
const FULL_MODE_STATES = 128;
/** geth's eth/catalyst devEpochLength. */
const DEV_EPOCH_BLOCKS = 32n;

/** What a core starts from. */
export interface CoreParts {
  readonly genesis: BlockRecord;
  readonly forks: ForkSchedule;
  readonly machine: Machine;
  readonly settings: Settings;
  readonly recent: RecentBlocks;
  readonly gcmode: "archive" | "full";
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What all parts of the chain share: the blocks, the pool, the rules and the settings of the blocks to come. */
export class ChainCore {
  readonly machine: Machine;
  readonly recent: RecentBlocks;
  readonly wires: WireCache;
  readonly events: ChainEvents;
  readonly pool: Pool;
  /** Everything that moves the head, one at a time. */
  readonly writes = new Mutex();
  readonly #now: () => number;
  readonly #keepStates: number | null;
  store: ChainStore;
  forks: ForkSchedule;
  settings: Settings;
  /** The last imported block: what came from elsewhere is final. */
  importedHead = 0n;
  /** Changes with every change of the head's state that is not a block. */
  stateVersion = 0;

  constructor(parts: CoreParts) {
    this.machine = parts.machine;
    this.recent = parts.recent;
    this.forks = parts.forks;
    this.settings = parts.settings;
    this.#now = parts.now;
    this.#keepStates = parts.gcmode === "full" ? FULL_MODE_STATES : null;
    this.store = new ChainStore(parts.genesis, this.#keepStates);
    this.wires = new WireCache((record) => this.blobGasPrice(record.header));
    this.events = new ChainEvents(() => this.store, this.wires);
    this.pool = new Pool(() => {
      const world = this.headWorld();
      return {
        nonce: (address) => world.account(address)?.nonce ?? 0n,
        balance: (address) => world.account(address)?.balance ?? 0n,
        delegated: (address) => isDelegation(world.code(address)),
      };
    });
  }

  /** Starts over with another block 0. */
  restart(genesis: BlockRecord): void {
    this.store = new ChainStore(genesis, this.#keepStates);
    this.stateVersion++;
  }

  /** How many states --gcmode full keeps; null for all of them. */
  get keptStates(): number | null {
    return this.#keepStates;
  }

  /** Real time, seconds. */
  now(): bigint {
    return BigInt(Math.floor(this.#now() / 1000));
  }

  headWorld(): World {
    return worldOf(this.store.head);
  }

  rulesOf(header: Header): Rules {
    return this.forks.at(header.number, header.timestamp, header.difficulty === 0n);
  }

  /** The rules of a child of `parent` at `timestamp`. */
  rulesAfter(parent: BlockRecord, timestamp: bigint): Rules {
    return this.forks.at(parent.number + 1n, timestamp, this.mergedAfter(parent));
  }

  /** True when the child of `parent` is not mined by work: geth's beacon.IsTTDReached. */
  mergedAfter(parent: BlockRecord): boolean {
    const { terminalTotalDifficulty } = this.forks.config;
    if (parent.header.difficulty === 0n) return true;
    return terminalTotalDifficulty !== null && parent.totalDifficulty >= terminalTotalDifficulty;
  }

  blobGasPrice(header: Header): bigint | undefined {
    const { blobs } = this.rulesOf(header);
    return blobs === null ? undefined : blobBaseFee(header.excessBlobGas ?? 0n, blobs);
  }

  /** A block's values as the EVM sees them; `unpublished` are ancestors that the store does not have yet. */
  envOf(header: Header, unpublished: readonly BlockRecord[] = []): BlockEnv {
    return {
      rules: header.difficulty === 0n ? this.forks.merged : this.forks.premerge,
      number: header.number,
      timestamp: header.timestamp,
      coinbase: header.coinbase,
      gasLimit: header.gasLimit,
      difficulty: header.difficulty,
      prevRandao: header.mixHash,
      parentHash: header.parentHash,
      baseFee: header.baseFeePerGas,
      blobBaseFee: this.blobGasPrice(header),
      parentBeaconRoot: header.parentBeaconBlockRoot,
      blockHash: (number) => {
        const own = unpublished.find((record) => record.number === number);
        const base = unpublished[0]?.header ?? header;
        return own === undefined ? this.#ancestorHash(base, header.number, number) : own.hash;
      },
    };
  }

  #ancestorHash(header: Header, from: bigint, number: bigint): Hash | undefined {
    if (number >= header.number || number < 0n || from - number > MAX_BLOCK_HASH_DEPTH) return undefined;
    let record = this.store.of(header.parentHash);
    while (record !== null && record.number > number) {
      // Below a canonical block the chain is the canonical one: one step instead of 256.
      record = this.store.isCanonical(record) ? this.store.at(number) : this.store.parentOf(record);
    }
    return record?.hash;
  }

  /** Where a call at a block runs: the state after it. */
  context(record: BlockRecord): BlockContext {
    return { world: worldOf(record), env: this.envOf(record.header) };
  }

  /** Where a block's own transactions run: the state before it. */
  replayContext(record: BlockRecord): BlockContext {
    const parent = this.store.parentOf(record);
    if (parent === null) throw serverError(`parent ${record.header.parentHash} not found`);
    return { world: worldOf(parent), env: this.envOf(record.header) };
  }

  /** Finds a block; `pending` is the sealer's business. Null when there is none, or when it is not canonical as asked. */
  find(at: BlockRef): BlockRecord | null {
    if ("hash" in at) {
      const record = this.store.of(at.hash);
      if (record !== null && at.requireCanonical && !this.store.isCanonical(record)) {
        throw serverError("hash is not currently canonical");
      }
      return record;
    }
    if ("number" in at) return this.store.at(at.number);
    if (at.tag === "earliest") return this.store.genesis;
    return at.tag === "finalized" ? this.store.at(this.#finalized()) : this.store.head;
  }

  /** As geth --dev's simulated beacon chain: the head is safe at once, and final is the last epoch's end. */
  #finalized(): bigint {
    const epoch = this.store.head.number / DEV_EPOCH_BLOCKS * DEV_EPOCH_BLOCKS;
    const finalized = epoch > this.importedHead ? epoch : this.importedHead;
    return finalized < this.store.head.number ? finalized : this.store.head.number;
  }

  /** Makes a block the head and tells everyone: head, indexes and pool first, so that what is told of can be read. */
  publish(record: BlockRecord): void {
    this.store.append(record);
    this.pool.settle();
    this.events.block(record);
    this.announce();
  }

  /** Takes blocks off down to `ancestor`, newest first, and tells of each. */
  unwindTo(ancestor: BlockRecord): void {
    while (this.store.head.hash !== ancestor.hash) {
      const removed = this.store.removeHead();
      this.stateVersion++;
      this.events.removed(removed);
    }
    this.pool.settle();
  }

  /** Tells subscribers of a transaction that was pooled, and of those that it has made executable. */
  announceFrom({ sender, transaction }: Pooled): void {
    for (const pooled of this.pool.executableFrom(sender, transaction.nonce)) this.#announce(pooled);
  }

  /** Tells subscribers of all transactions that have become executable. */
  announce(): void {
    for (const { pending } of this.pool.accounts()) for (const pooled of pending) this.#announce(pooled);
  }

  #announce(pooled: Pooled): void {
    if (pooled.announced) return;
    pooled.announced = true;
    this.events.pending(pooled);
  }
}

/** The state after a block; throws geth's error when it is not kept any more. */
export function worldOf(record: BlockRecord): World {
  if (record.world === null) {
    throw serverError(`missing trie node ${record.header.stateRoot.slice(2)} (path ) state is not available`);
  }
  return record.world;
}
