import type { BlockRef, Hash } from "../../eth/types.ts";
import { serverError } from "../../rpc/error.ts";
import type { BlockRecord, ExecutedBlock, RecentBlocks } from "../store/block_record.ts";
import type { BlockEnv } from "../../evm/env.ts";
import type { BlockContext } from "../../evm/env.ts";
import type { Machine } from "../../evm/machine.ts";
import { Announcements } from "./announcements.ts";
import { ChainEvents } from "./events.ts";
import type { Rules } from "../../evm/forks.ts";
import type { ForkSchedule } from "../consensus/forks.ts";
import type { Header } from "../../primitives/header.ts";
import { blobBaseFee } from "../consensus/header_rules.ts";
import { Pool, type PoolReads } from "../pool/pool.ts";
import { Mutex } from "../../concurrency/mutex.ts";
import type { CommitJournal, CoreDisk } from "./journal_seam.ts";
import type { Settings } from "./settings.ts";
import { type Missing, readLoaded, type StateBase } from "../../state/base.ts";
import type { Snapshot } from "./snapshot.ts";
import type { World } from "../../state/world.ts";
import type { BlockReads, BlockStore, Segment } from "../store/block_store.ts";
import { MemoryBlockStore } from "../store/memory_block_store.ts";
import type { ReservedRange } from "../store/reserved_range.ts";
import { StateStore } from "../store/state_store.ts";
import type { AppendedBlock, Change } from "./commit.ts";
import { EncodedBlockCache } from "../encode/encoded_block_cache.ts";
import { isDelegation } from "../../primitives/delegation.ts";

/** BLOCKHASH reaches this far back. */
const MAX_BLOCK_HASH_DEPTH = 256n;
/** geth keeps as many states with --gcmode full. */
const FULL_MODE_STATES = 128;
/** geth's eth/catalyst devEpochLength. */
const DEV_EPOCH_BLOCKS = 32n;

/** The changes that can make waiting transactions executable or impossible. */
const CHANGES_OF_HEAD: ReadonlySet<Change["kind"]> = new Set(["append", "reserve", "unwind", "edit"]);

/** The parts of a new core. */
export interface CoreParts {
  readonly genesis: ExecutedBlock;
  readonly forks: ForkSchedule;
  readonly machine: Machine;
  readonly settings: Settings;
  readonly recent: RecentBlocks;
  readonly gcmode: "archive" | "full";
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Where the chain is kept; without it, it is in memory alone. */
  readonly disk?: CoreDisk | undefined;
}

/**
 * The chain: its blocks, their states, the pool, and the settings of the blocks to come. Others read them here; they
 * change in {@link ChainCore.commit} only.
 */
export class ChainCore {
  readonly machine: Machine;
  readonly recent: RecentBlocks;
  readonly encoded: EncodedBlockCache;
  readonly events: ChainEvents;
  /**
   * The write mutex. A commit is one synchronous step and needs no mutex by itself. Work that reads the head, awaits
   * something and then commits holds it.
   */
  readonly writes = new Mutex();
  readonly #now: () => number;
  readonly #keptStates: number | null;
  readonly #blocks: BlockStore;
  readonly #states: StateStore;
  /** The state on which a fork stands. */
  readonly #base: StateBase | null;
  readonly #pool: Pool;
  readonly #announcements: Announcements;
  readonly #snapshots = new Map<number, Snapshot>();
  readonly #journal: CommitJournal | null = null;
  /** What a reset goes back to: the settings of the flags. */
  readonly flagSettings: Settings;
  /** The state after block 0 as its genesis has it. */
  readonly genesisWorld: World;
  #forks: ForkSchedule;
  #settings: Settings;
  #importedHead = 0n;
  #headStateEdits = 0;
  #lastSnapshot = 0;

  constructor(parts: CoreParts) {
    this.machine = parts.machine;
    this.recent = parts.recent;
    this.#forks = parts.forks;
    this.#settings = parts.settings;
    this.flagSettings = parts.settings;
    this.genesisWorld = parts.genesis.world;
    this.#now = parts.now;
    this.#keptStates = parts.gcmode === "full" ? FULL_MODE_STATES : null;
    this.#blocks = parts.disk?.begin({
      ...{ genesis: parts.genesis, recent: parts.recent, flagSettings: parts.settings, keptStates: this.#keptStates },
      rulesOf: (header) => this.rulesOf(header),
    }) ?? new MemoryBlockStore(parts.genesis.record);
    this.#states = new StateStore(parts.disk ?? null);
    if (parts.disk === undefined) this.#states.put(parts.genesis.record.hash, parts.genesis.world);
    this.#base = parts.genesis.world.base;
    this.#importedHead = parts.genesis.record.number;
    this.encoded = new EncodedBlockCache((record) => this.blobGasPrice(record.header));
    this.events = new ChainEvents(this.#blocks, this.encoded);
    this.#pool = new Pool(() => {
      const world = this.headWorld();
      return {
        nonce: (address) => world.nonce(address),
        balance: (address) => world.balance(address),
        delegated: (address) => isDelegation(world.code(address)),
      };
    });
    this.#announcements = new Announcements(this.#pool, this.events);
    const opened = parts.disk?.open({ blocks: this.#blocks, pool: this.#pool });
    if (opened === undefined) return;
    this.#journal = opened.journal;
    this.#importedHead = opened.importedHead;
    this.#lastSnapshot = opened.lastSnapshot;
    for (const snapshot of opened.snapshots) this.#snapshots.set(snapshot.id, snapshot);
    this.#set(opened.settings);
    opened.journal.settled(this.#pool.settle());
    this.#announcements.skip();
  }

  get blocks(): BlockReads {
    return this.#blocks;
  }

  /** The state of another chain on which the state of this one stands; null when this chain began by itself. */
  get base(): StateBase | null {
    return this.#base;
  }

  /** The live snapshots, oldest first. */
  get snapshots(): ReadonlyMap<number, Snapshot> {
    return this.#snapshots;
  }

  /** The id of the newest snapshot that was ever taken; 0 when none was. */
  get lastSnapshot(): number {
    return this.#lastSnapshot;
  }

  get pool(): PoolReads {
    return this.#pool;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get forks(): ForkSchedule {
    return this.#forks;
  }

  /** Grows with every change of the head's state that is not a block on top of it. */
  get headStateEdits(): number {
    return this.#headStateEdits;
  }

  /** How many states --gcmode full keeps; null for all of them. */
  get keptStates(): number | null {
    return this.#keptStates;
  }

  /** Real time, seconds. */
  now(): bigint {
    return BigInt(Math.floor(this.#now() / 1000));
  }

  /** Returns the newest block with its state. */
  head(): ExecutedBlock {
    return { record: this.#blocks.head, world: this.headWorld() };
  }

  headWorld(): World {
    return this.worldOf(this.#blocks.head);
  }

  /** Returns the state after a block; undefined when --gcmode full has dropped it. */
  stateAfter(record: BlockRecord): World | undefined {
    const world = this.#states.worldAt(record.hash);
    if (world !== undefined) return world;
    const range = this.#blocks.rangeOf(record.hash);
    const isOld = this.#keptStates !== null && record.number <= this.#blocks.head.number - BigInt(this.#keptStates);
    return range === null || isOld ? undefined : this.#states.worldOf(range);
  }

  /** Returns the state after a block; throws geth's error when it is not kept any more. */
  worldOf(record: BlockRecord): World {
    const world = this.stateAfter(record);
    if (world !== undefined) return world;
    throw serverError(`missing trie node ${record.header.stateRoot.slice(2)} (path ) state is not available`);
  }

  rulesOf(header: Header): Rules {
    return this.#forks.at(header.number, header.timestamp, header.difficulty === 0n);
  }

  /** Returns the rules of a child of `parent` at `timestamp`. */
  rulesAfter(parent: BlockRecord, timestamp: bigint): Rules {
    return this.#forks.at(parent.number + 1n, timestamp, this.mergedAfter(parent));
  }

  /** Returns true when the child of `parent` is not mined by work: geth's beacon.IsTTDReached. */
  mergedAfter(parent: BlockRecord): boolean {
    const { terminalTotalDifficulty } = this.#forks.config;
    if (parent.header.difficulty === 0n) return true;
    return terminalTotalDifficulty !== null && parent.totalDifficulty >= terminalTotalDifficulty;
  }

  blobGasPrice(header: Header): bigint | undefined {
    const { blobs } = this.rulesOf(header);
    return blobs === null ? undefined : blobBaseFee(header.excessBlobGas ?? 0n, blobs);
  }

  /** Returns a block's values for the EVM; `unpublished` are ancestors that the store does not have yet. */
  envOf(header: Header, unpublished: readonly BlockRecord[] = []): BlockEnv {
    return {
      rules: header.difficulty === 0n ? this.#forks.merged : this.#forks.premerge,
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

  #ancestorHash(header: Header, from: bigint, number: bigint): Hash | undefined | Missing {
    if (number >= header.number || number < 0n || from - number > MAX_BLOCK_HASH_DEPTH) return undefined;
    let record = this.#blocks.of(header.parentHash);
    while (record !== null && record.number > number) {
      // Below a canonical block the chain is the canonical one: one step instead of 256.
      record = this.#blocks.isCanonical(record) ? this.#blocks.at(number) : this.#blocks.parentOf(record);
    }
    // Below the first block is the chain that this one forks.
    return record === null ? this.#base?.blockHash(number) : record.hash;
  }

  /**
   * Runs `read`, which reads states of this chain. On a fork it is run again, each time with more of the other chain's
   * state, until it misses nothing.
   */
  loaded<T>(read: () => T, signal?: AbortSignal): T | Promise<T> {
    return this.#base === null ? read() : readLoaded(this.#base, { read, signal });
  }

  /** Returns the context of a call at a block: the state after it. */
  context(record: BlockRecord): BlockContext {
    return { world: this.worldOf(record), env: this.envOf(record.header) };
  }

  /** Returns the context of a block's own transactions: the state before it. */
  replayContext(record: BlockRecord): BlockContext {
    const parent = this.#blocks.parentOf(record);
    if (parent === null) throw serverError(`parent ${record.header.parentHash} not found`);
    return { world: this.worldOf(parent), env: this.envOf(record.header) };
  }

  /** Finds a block; the sealer resolves `pending`. Null when there is none, or when it is not canonical as required. */
  find(at: BlockRef): BlockRecord | null {
    if ("hash" in at) {
      const record = this.#blocks.of(at.hash);
      if (record !== null && at.requireCanonical && !this.#blocks.isCanonical(record)) {
        throw serverError("hash is not currently canonical");
      }
      return record;
    }
    if ("number" in at) return this.#blocks.at(at.number);
    if (at.tag === "earliest") return this.#blocks.genesis;
    return at.tag === "finalized" ? this.#blocks.at(this.#finalized()) : this.#blocks.head;
  }

  /** As geth --dev's simulated beacon chain: the head is safe at once, and final is the last epoch's end. */
  #finalized(): bigint {
    const epoch = this.#blocks.head.number / DEV_EPOCH_BLOCKS * DEV_EPOCH_BLOCKS;
    const finalized = epoch > this.#importedHead ? epoch : this.#importedHead;
    return finalized < this.#blocks.head.number ? finalized : this.#blocks.head.number;
  }

  /**
   * Changes the chain: first blocks and their states, then settings and pool, and only then are the events of all of it
   * emitted, so that subscribers can read what they are notified of. Nothing else changes the chain. One synchronous step: no
   * reader sees a part of it. A chain on disk is written first; when that fails, it throws and nothing has changed.
   */
  commit(...changes: readonly Change[]): void {
    this.#journal?.write(changes, this);
    const events: (() => void)[] = [];
    let isHeadNew = false;
    for (const change of changes) {
      switch (change.kind) {
        case "append":
          this.#append(change.block);
          if (change.isImported === true) this.#importedHead = change.block.record.number;
          events.push(() => this.events.block(change.block.record));
          break;
        case "reserve":
          this.#reserve(change.range);
          events.push(() => this.events.reserved(change.range));
          break;
        case "unwind":
          for (const segment of this.#unwind(change.to)) {
            events.push(() => this.events.removed(segment, change.to.number + 1n));
          }
          break;
        case "edit":
          this.#states.put(this.#blocks.head.hash, change.world);
          this.#headStateEdits++;
          break;
        case "settings":
          this.#set(change.patch);
          break;
        case "pool":
          this.#pool.apply(change.change);
          break;
        case "snapshot":
          this.#snapshots.set(change.snapshot.id, change.snapshot);
          this.#lastSnapshot = change.snapshot.id;
          break;
        case "forget":
          for (const id of [...this.#snapshots.keys()]) if (id >= change.from) this.#snapshots.delete(id);
      }
      isHeadNew ||= CHANGES_OF_HEAD.has(change.kind);
    }
    if (isHeadNew) {
      const settled = this.#pool.settle();
      this.#journal?.settled(settled);
    }
    for (const emit of events) emit();
    if (isHeadNew) this.#announcements.all();
    else {
      for (const change of changes) {
        if (change.kind === "pool") change.change.added?.forEach((entry) => this.#announcements.from(entry));
      }
    }
  }

  /** Closes the file of a chain on disk. Nothing can be committed afterwards. */
  close(): void {
    this.#journal?.close();
  }

  #append({ record, world }: AppendedBlock): void {
    this.#blocks.append(record);
    if (world !== undefined) this.#states.put(record.hash, world);
    if (this.#keptStates === null) return;
    const old = this.#blocks.at(record.number - BigInt(this.#keptStates));
    // Block 0 keeps its state: anvil_reset goes back to it, and it costs nothing that the head does not share.
    if (old !== null && old !== this.#blocks.genesis) this.#states.drop(old.hash);
  }

  #reserve(range: ReservedRange): void {
    const { head } = this.#blocks;
    const world = this.stateAfter(head);
    if (world !== undefined) this.#states.putRange(range, world);
    this.#blocks.reserve(range);
    if (this.#keptStates === null) return;
    const kept = BigInt(this.#keptStates);
    for (let number = head.number - kept; number <= head.number && number <= range.last - kept; number++) {
      const old = this.#blocks.at(number);
      if (old !== null && old !== this.#blocks.genesis) this.#states.drop(old.hash);
    }
  }

  /** Takes blocks off, the newest first. */
  #unwind(ancestor: BlockRecord): readonly Segment[] {
    const { removed, forgotten } = this.#blocks.unwindTo(ancestor.number);
    for (const segment of forgotten) {
      if ("last" in segment) this.#states.dropRange(segment);
      else this.#states.drop(segment.hash);
    }
    this.#headStateEdits++;
    return removed;
  }

  #set(patch: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...patch };
    const { chainId } = this.#settings;
    if (chainId !== this.#forks.config.chainId) this.#forks = this.#forks.withChainId(chainId);
  }
}
