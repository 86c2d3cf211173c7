import type { Address, Hash } from "../../eth/types.ts";
import { serverError } from "../../rpc/error.ts";
import { TX_TYPE } from "../../primitives/transaction.ts";
import type { PoolEntry } from "./pool_entry.ts";
import { TemporaryReject } from "./temporary_reject.ts";

/** The values of the head's state that the pool reads. */
export interface PoolState {
  nonce(address: Address): bigint;
  balance(address: Address): bigint;
  /** True when the account runs another's code (EIP-7702). */
  delegated(address: Address): boolean;
}

/** geth's legacypool.DefaultConfig: GlobalSlots + GlobalQueue, and AccountQueue. */
const MAX_TRANSACTIONS = 5120 + 1024;
const MAX_QUEUED_PER_ACCOUNT = 64;
/** geth's blobpool: how many blob transactions one account may have. */
const MAX_BLOB_TRANSACTIONS_PER_ACCOUNT = 16;
/** The most transactions that wait outside of the pool; for further ones the client gets the pool's refusal. */
const MAX_DELAYED = 1024;
/** Percent that a replacement must pay more (legacypool.PriceBump, blobpool's). */
const PRICE_BUMP = 10n;
const BLOB_PRICE_BUMP = 100n;

/** The pool as other parts see it: they read it, and check whether it would take a transaction. */
export type PoolReads = Omit<Pool, "apply" | "settle">;

/** Transactions that go into the pool and others that leave it, and those that wait outside of it; all at once. */
export interface PoolChange {
  readonly added?: readonly PoolEntry[];
  readonly dropped?: readonly Hash[];
  /** Those that the pool cannot take yet. */
  readonly delayed?: readonly PoolEntry[];
  /** Those that wait outside no longer. */
  readonly released?: readonly PoolEntry[];
}

/**
 * The waiting transactions, by sender and nonce. Checks of a transaction in itself come before (validation.ts). Those that
 * it cannot take yet wait outside of it, to be offered again after each block (geth's txpool/locals).
 */
export class Pool {
  readonly #accounts = new Map<Address, Map<bigint, PoolEntry>>();
  readonly #byHash = new Map<Hash, PoolEntry>();
  readonly #delayed = new Map<Hash, PoolEntry>();
  readonly #state: () => PoolState;
  #version = 0;

  constructor(state: () => PoolState) {
    this.#state = state;
  }

  get size(): number {
    return this.#byHash.size;
  }

  /** Changes whenever the content does: what the pending block was built on. */
  get version(): number {
    return this.#version;
  }

  get(hash: Hash): PoolEntry | null {
    return this.#byHash.get(hash) ?? null;
  }

  /**
   * The change that takes a transaction in; it replaces one of the same nonce that pays enough less, and the cheapest
   * of a full pool. Throws geth's errors.
   */
  admit(entry: PoolEntry): PoolChange {
    const { transaction, sender } = entry;
    const used = this.#state().nonce(sender);
    if (transaction.nonce < used) {
      throw serverError(`nonce too low: next nonce ${used}, tx nonce ${transaction.nonce}`);
    }
    const own = this.#accounts.get(sender);
    const rival = own?.get(transaction.nonce);
    const isBlob = transaction.type === TX_TYPE.blob;
    const next = this.nextNonce(sender);
    if (isBlob && transaction.nonce > next) {
      throw serverError(`nonce too high: tx nonce ${transaction.nonce}, gapped nonce ${next}`);
    }
    this.#checkFunds(entry, rival);
    const count = own?.size ?? 0;
    if (isBlob && rival === undefined && count >= MAX_BLOB_TRANSACTIONS_PER_ACCOUNT) {
      throw serverError(`account limit exceeded: pooled ${count} txs`);
    }
    if (!isBlob && rival === undefined) this.#checkDelegation(entry, { next, count });
    for (const other of own?.values() ?? []) {
      // geth has a pool for blobs and one for all else, and an account is in one of them.
      if ((other.transaction.type === TX_TYPE.blob) !== isBlob) throw serverError("address already reserved");
      break;
    }
    if (rival !== undefined) {
      checkReplacement(rival, entry);
      return { added: [entry], dropped: [rival.hash] };
    }
    const cheapest = this.#makeRoom(entry, { next, count });
    return { added: [entry], dropped: cheapest === null ? [] : [cheapest.hash] };
  }

  /** EIP-7702: a delegated account can be emptied by others at any time, so geth lets it have one at once. */
  #checkDelegation({ transaction, sender }: PoolEntry, own: { readonly next: bigint; readonly count: number }): void {
    if (!this.#state().delegated(sender)) return;
    if (transaction.nonce > own.next) throw new TemporaryReject("gapped-nonce tx from delegated accounts");
    if (own.count > 0) throw new TemporaryReject("in-flight transaction limit reached for delegated accounts");
  }

  /** Takes transactions out and puts others in, whatever they pay. */
  apply({ added = [], dropped = [], delayed = [], released = [] }: PoolChange): void {
    for (const hash of dropped) this.#remove(hash);
    for (const entry of added) this.#put(entry);
    for (const { hash } of released) this.#delayed.delete(hash);
    for (const entry of delayed) this.#delayed.set(entry.hash, entry);
    this.#version++;
  }

  get hasDelayed(): boolean {
    return this.#delayed.size > 0;
  }

  /** The number of the newest arrival; -1 when none waits. */
  get lastArrival(): number {
    let last = -1;
    for (const entries of [this.#byHash, this.#delayed]) {
      for (const { arrival } of entries.values()) if (arrival > last) last = arrival;
    }
    return last;
  }

  /** True while there is room for another transaction that waits outside. */
  get hasRoomOutside(): boolean {
    return this.#delayed.size < MAX_DELAYED;
  }

  /** True when a transaction is in the pool or waits outside of it. */
  knows(hash: Hash): boolean {
    return this.#byHash.has(hash) || this.#delayed.has(hash);
  }

  /** Returns the transactions that wait outside, in the order of nonces. */
  delayed(): readonly PoolEntry[] {
    return [...this.#delayed.values()]
      .sort((one, other) => one.transaction.nonce < other.transaction.nonce ? -1 : 1);
  }

  #put(entry: PoolEntry): void {
    const account = this.#accounts.get(entry.sender) ?? new Map<bigint, PoolEntry>();
    account.set(entry.transaction.nonce, entry);
    this.#accounts.set(entry.sender, account);
    this.#byHash.set(entry.hash, entry);
  }

  #remove(hash: Hash): void {
    const entry = this.#byHash.get(hash);
    if (entry === undefined) return;
    this.#byHash.delete(hash);
    const account = this.#accounts.get(entry.sender);
    account?.delete(entry.transaction.nonce);
    if (account?.size === 0) this.#accounts.delete(entry.sender);
  }

  /** Returns the transaction that must leave to make room; throws when there is no room. */
  #makeRoom(
    { transaction, sender }: PoolEntry,
    own: { readonly next: bigint; readonly count: number },
  ): PoolEntry | null {
    const isGapped = transaction.nonce > own.next;
    if (isGapped && own.count - Number(own.next - this.#state().nonce(sender)) >= MAX_QUEUED_PER_ACCOUNT) {
      throw serverError("account limit exceeded");
    }
    if (this.size < MAX_TRANSACTIONS) return null;
    const cheapest = this.#cheapest();
    if (cheapest === null || cheapest.transaction.gasTipCap >= transaction.gasTipCap) {
      throw new TemporaryReject("transaction underpriced");
    }
    if (isGapped && cheapest.transaction.nonce < this.nextNonce(cheapest.sender)) {
      throw new TemporaryReject("future transaction tries to replace pending");
    }
    return cheapest;
  }

  /** geth's ValidateTransactionWithState: the cost of this one, then of all executable ones with it. */
  #checkFunds({ sender, cost }: PoolEntry, rival: PoolEntry | undefined): void {
    const balance = this.#state().balance(sender);
    if (balance < cost) {
      throw serverError(
        `insufficient funds for gas * price + value: balance ${balance}, tx cost ${cost}, overshot ${cost - balance}`,
      );
    }
    const pending = this.executableFrom(sender, this.#state().nonce(sender));
    const spent = pending.reduce((sum, other) => sum + other.cost, 0n);
    const isReplacement = rival !== undefined && pending.includes(rival);
    const more = isReplacement ? cost - rival.cost : cost;
    if (balance >= spent + more) return;
    throw serverError(
      `insufficient funds for gas * price + value: balance ${balance}, queued cost ${spent}, ` +
        `tx ${isReplacement ? "bumped" : "cost"} ${more}, overshot ${spent + more - balance}`,
    );
  }

  #cheapest(): PoolEntry | null {
    let cheapest: PoolEntry | null = null;
    for (const entry of this.#byHash.values()) {
      if (cheapest === null || entry.transaction.gasTipCap < cheapest.transaction.gasTipCap) cheapest = entry;
    }
    return cheapest;
  }

  /** Returns the nonce after the account's executable transactions. */
  nextNonce(address: Address): bigint {
    let nonce = this.#state().nonce(address);
    const account = this.#accounts.get(address);
    while (account?.has(nonce)) nonce++;
    return nonce;
  }

  /** Returns the executable transactions of an account from a nonce on. */
  executableFrom(address: Address, first: bigint): PoolEntry[] {
    const account = this.#accounts.get(address);
    const found: PoolEntry[] = [];
    if (account === undefined || first >= this.nextNonce(address)) return found;
    for (let entry = account.get(first); entry !== undefined; entry = account.get(entry.transaction.nonce + 1n)) {
      found.push(entry);
    }
    return found;
  }

  /**
   * Drops the transactions that the new head has made impossible: their nonce is used, or their sender cannot pay. Returns
   * them.
   */
  settle(): readonly PoolEntry[] {
    const state = this.#state();
    const dropped: PoolEntry[] = [];
    for (const [address, account] of this.#accounts) {
      const nonce = state.nonce(address);
      const balance = state.balance(address);
      for (const entry of [...account.values()]) {
        if (entry.transaction.nonce >= nonce && entry.cost <= balance) continue;
        this.#remove(entry.hash);
        dropped.push(entry);
      }
    }
    this.#version++;
    return dropped;
  }

  /** Returns the accounts and their executable and waiting transactions, each by nonce. */
  *accounts(): Generator<{ readonly address: Address; readonly pending: PoolEntry[]; readonly queued: PoolEntry[] }> {
    for (const address of this.#accounts.keys()) yield { address, ...this.of(address) };
  }

  of(address: Address): { readonly pending: PoolEntry[]; readonly queued: PoolEntry[] } {
    const account = this.#accounts.get(address);
    if (account === undefined) return { pending: [], queued: [] };
    const next = this.nextNonce(address);
    const sorted = [...account.values()].sort((one, other) => one.transaction.nonce < other.transaction.nonce ? -1 : 1);
    return {
      pending: sorted.filter(({ transaction }) => transaction.nonce < next),
      queued: sorted.filter(({ transaction }) => transaction.nonce >= next),
    };
  }

  /** Returns a copy of its contents. */
  content(): readonly PoolEntry[] {
    return [...this.#byHash.values()];
  }
}

function checkReplacement(rival: PoolEntry, entry: PoolEntry): void {
  const [old, next] = [rival.transaction, entry.transaction];
  const oldBlob = old.type === TX_TYPE.blob;
  const bump = oldBlob ? BLOB_PRICE_BUMP : PRICE_BUMP;
  const enough = (was: bigint, is: bigint) => is > was && is * 100n >= was * (100n + bump);
  const blobEnough = !oldBlob || enough(old.blobFeeCap, next.blobFeeCap);
  if (!enough(old.gasFeeCap, next.gasFeeCap) || !enough(old.gasTipCap, next.gasTipCap) || !blobEnough) {
    throw serverError("replacement transaction underpriced");
  }
}
