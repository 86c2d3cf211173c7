import type { Address, Hash } from "../../primitives/types.ts";
import { quantity } from "../../primitives/hex.ts";
import { CODE, RpcError } from "../../rpc/error.ts";
import { RunAborted } from "../../concurrency/pacer.ts";
import { untilAborted } from "../../concurrency/until_aborted.ts";
import {
  type BaseAccount,
  type BaseTries,
  type ForeseenCall,
  Misses,
  MISSING,
  type Missing,
  type StateBase,
} from "../../state/base.ts";
import type { FactStore } from "../facts/fact_store.ts";
import type { RemoteSource } from "../source.ts";
import { askAccount, askBlockHash, askForeseen, askSlot, askSlots, type SlotKey } from "./questions.ts";
import { RemoteTries } from "./remote_tries.ts";
import { RecentFacts } from "./recent_facts.ts";

export interface RemoteStateOptions {
  /** The memory for what was loaded, bytes; 256 MiB. */
  readonly maxBytes?: number | undefined;
  /** Called once where the upstream has no proofs: state roots above the fork are made up from then on. */
  readonly onRootsLost?: ((reason: string) => void) | undefined;
  /** What is kept between runs. */
  readonly store?: FactStore | undefined;
}

const DEFAULT_MAX_BYTES = 256 << 20;
/** What the map entry, the key and the value of a fact take, roughly. */
const SLOT_BYTES = 200;
const ACCOUNT_BYTES = 300;
/** geth's limit for one eth_getStorageValues. */
const MAX_SLOTS_PER_QUESTION = 1_024;

/**
 * The state after the forked block, as its upstreams tell it. What was told never changes: it is asked for once, and kept
 * while there is room. A value that two callers need at the same time is asked for once, and a caller that leaves does not
 * take it from the other.
 */
export class RemoteState implements StateBase {
  readonly #source: RemoteSource;
  readonly #accounts: RecentFacts<Address, BaseAccount | null>;
  readonly #slots: RecentFacts<string, bigint>;
  readonly #hashes: RecentFacts<bigint, Hash>;
  readonly #tries: RemoteTries;
  readonly #store: FactStore | undefined;
  /** What is being loaded, by its key. */
  readonly #loading = new Map<string, Promise<void>>();
  /** Questions that no upstream knows; it is not asked again. */
  readonly #unknown = new Set<"eth_getStorageValues" | "eth_createAccessList">();

  constructor(source: RemoteSource, { maxBytes = DEFAULT_MAX_BYTES, onRootsLost, store }: RemoteStateOptions = {}) {
    this.#source = source;
    this.#store = store;
    this.#tries = new RemoteTries(source, { onLost: onRootsLost ?? (() => {}), store });
    this.#accounts = new RecentFacts(maxBytes / 2, (account) => ACCOUNT_BYTES + (account?.code.bytes.length ?? 0));
    this.#slots = new RecentFacts(maxBytes / 2, () => SLOT_BYTES);
    this.#hashes = new RecentFacts(1 << 20, () => SLOT_BYTES);
  }

  get tries(): BaseTries | undefined {
    return this.#tries.tries;
  }

  account(address: Address): BaseAccount | undefined | Missing {
    const known = this.#accounts.get(address);
    if (known !== undefined) return known ?? undefined;
    const kept = this.#store?.account(address);
    if (kept === undefined) return MISSING;
    this.#accounts.set(address, kept);
    return kept ?? undefined;
  }

  slot(address: Address, slot: bigint): bigint | Missing {
    const key = keyOf([address, slot]);
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    if (this.#accounts.get(address) === null) return 0n;
    const kept = this.#store?.slot(address, slot);
    if (kept === undefined) return MISSING;
    this.#slots.set(key, kept);
    return kept;
  }

  blockHash(number: bigint): Hash | undefined | Missing {
    return this.#hashes.get(number) ?? this.#store?.blockHash(number) ?? MISSING;
  }

  async load(misses: Misses, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const loads = new Set<Promise<void>>([this.#tries.load(misses.proofs)]);
    const join = (key: string, start: () => Promise<void>) => loads.add(this.#joined([key], start));
    for (const address of misses.accounts) {
      if (this.account(address) !== MISSING) continue;
      join(address, async () => this.#learnAccount(address, await askAccount(this.#source, address)));
    }
    for (const number of misses.blockHashes) {
      if (this.blockHash(number) !== MISSING) continue;
      join(`block ${number}`, async () => this.#learnHash(number, await askBlockHash(this.#source, number)));
    }
    const slots: SlotKey[] = [];
    for (const [address, asked] of misses.slots) {
      for (const slot of asked) {
        if (this.slot(address, slot) !== MISSING) continue;
        const loading = this.#loading.get(keyOf([address, slot]));
        if (loading === undefined) slots.push([address, slot]);
        else loads.add(loading);
      }
    }
    for (let at = 0; at < slots.length; at += MAX_SLOTS_PER_QUESTION) {
      const keys = slots.slice(at, at + MAX_SLOTS_PER_QUESTION);
      loads.add(this.#joined(keys.map(keyOf), () => this.#loadSlots(keys)));
    }
    try {
      await untilAborted(Promise.all(loads), signal);
    } catch (error) {
      throw this.#named(error, misses);
    }
  }

  async foresee(call: ForeseenCall): Promise<Misses> {
    const method = "eth_createAccessList";
    if (this.#unknown.has(method)) return new Misses();
    try {
      return await askForeseen(this.#source, call);
    } catch (error) {
      if (error instanceof RpcError && error.code === CODE.methodNotFound) this.#unknown.add(method);
      // A call that fails there may succeed here, where other accounts have funds: then nothing is foreseen.
      return new Misses();
    }
  }

  #learnAccount(address: Address, account: BaseAccount | null): void {
    this.#accounts.set(address, account);
    this.#store?.putAccount(address, account);
  }

  #learnHash(number: bigint, hash: Hash): void {
    this.#hashes.set(number, hash);
    this.#store?.putBlockHash(number, hash);
  }

  async #loadSlots(keys: readonly SlotKey[]): Promise<void> {
    const values = await this.#askSlots(keys);
    keys.forEach((key, index) => {
      const value = values[index] ?? 0n;
      this.#slots.set(keyOf(key), value);
      this.#store?.putSlot(...key, value);
    });
  }

  async #askSlots(keys: readonly SlotKey[]): Promise<bigint[]> {
    const method = "eth_getStorageValues";
    if (keys.length > 1 && !this.#unknown.has(method)) {
      try {
        return await askSlots(this.#source, keys);
      } catch (error) {
        if (!(error instanceof RpcError) || error.code === CODE.timeout) throw error;
        if (error.code === CODE.methodNotFound) this.#unknown.add(method);
      }
    }
    return await Promise.all(keys.map((key) => askSlot(this.#source, key)));
  }

  /** Starts to load what the keys name, or waits for what is under way. */
  #joined(keys: readonly string[], start: () => Promise<void>): Promise<void> {
    const [first = ""] = keys;
    const known = this.#loading.get(first);
    if (known !== undefined) return known;
    const loading = start().finally(() => {
      for (const key of keys) this.#loading.delete(key);
    });
    for (const key of keys) this.#loading.set(key, loading);
    // A caller that is gone does not look at its failure.
    loading.catch(() => {});
    return loading;
  }

  /** Names what is missing in an error about it. */
  #named(cause: unknown, misses: Misses): unknown {
    const what = () => `${this.#firstOf(misses)} at block ${this.#source.block.number}`;
    if (cause instanceof RunAborted && cause.timedOut) {
      return new RpcError(CODE.timeout, `${what()} did not come in time from the upstream`, { cause });
    }
    if (!(cause instanceof RpcError)) return cause;
    return new RpcError(cause.code, `${what()} is not here: ${cause.message}`, { data: cause.data, cause });
  }

  #firstOf({ accounts, slots, blockHashes, proofs }: Misses): string {
    for (const address of accounts) if (this.account(address) === MISSING) return `account ${address}`;
    for (const [address, asked] of slots) {
      for (const slot of asked) {
        if (this.slot(address, slot) === MISSING) return `slot ${quantity(slot)} of ${address}`;
      }
    }
    for (const number of blockHashes) if (this.blockHash(number) === MISSING) return `the hash of block ${number}`;
    const [proof] = proofs;
    return proof === undefined ? "a part of the state" : `a proof of ${proof.address}`;
  }
}

function keyOf([address, slot]: SlotKey): string {
  return address + slot.toString(16);
}
