import type { Address, Hash } from "../../eth/types.ts";
import { serverError } from "../../rpc/error.ts";
import { TX_TYPE } from "../../primitives/transaction.ts";
import type { Pooled } from "./pooled.ts";

/** What the pool asks of the head's state. */
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
/** Percent that a replacement must pay more (legacypool.PriceBump, blobpool's). */
const PRICE_BUMP = 10n;
const BLOB_PRICE_BUMP = 100n;

/** The waiting transactions, by sender and nonce. Checks of a transaction in itself come before (validation.ts). */
export class Pool {
  readonly #accounts = new Map<Address, Map<bigint, Pooled>>();
  readonly #byHash = new Map<Hash, Pooled>();
  readonly #state: () => PoolState;
  /** Changes whenever the content does: what the pending block was built on. */
  version = 0;

  constructor(state: () => PoolState) {
    this.#state = state;
  }

  get size(): number {
    return this.#byHash.size;
  }

  get(hash: Hash): Pooled | null {
    return this.#byHash.get(hash) ?? null;
  }

  /** Takes a transaction in, replacing one of the same nonce when it pays enough more. Throws geth's errors. */
  add(pooled: Pooled): void {
    const { transaction, sender } = pooled;
    const used = this.#state().nonce(sender);
    if (transaction.nonce < used) {
      throw serverError(`nonce too low: next nonce ${used}, tx nonce ${transaction.nonce}`);
    }
    const own = this.#accounts.get(sender);
    const rival = own?.get(transaction.nonce);
    if (rival === undefined) this.#checkRoom(pooled, own);
    else checkReplacement(rival, pooled);
    this.#checkFunds(pooled, rival, own);
    if (rival !== undefined) this.#byHash.delete(rival.hash);
    const account = own ?? new Map<bigint, Pooled>();
    account.set(transaction.nonce, pooled);
    this.#accounts.set(sender, account);
    this.#byHash.set(pooled.hash, pooled);
    this.version++;
  }

  #checkRoom(pooled: Pooled, own: ReadonlyMap<bigint, Pooled> | undefined): void {
    const { transaction, sender } = pooled;
    const next = this.nextNonce(sender);
    const gap = transaction.nonce > next;
    const count = own?.size ?? 0;
    const state = this.#state();
    if (transaction.type === TX_TYPE.blob) {
      if (gap) {
        throw serverError(`nonce too high: tx nonce ${transaction.nonce}, gapped nonce ${next}`);
      }
      if (count >= MAX_BLOB_TRANSACTIONS_PER_ACCOUNT) {
        throw serverError(`account limit exceeded: pooled ${count} txs`);
      }
    }
    // EIP-7702: a delegated account can be emptied by others at any time, so geth lets it have one at once.
    if (state.delegated(sender)) {
      if (gap) throw serverError("gapped-nonce tx from delegated accounts");
      if (count >= 1) throw serverError("in-flight transaction limit reached for delegated accounts");
    }
    if (gap && count - Number(next - state.nonce(sender)) >= MAX_QUEUED_PER_ACCOUNT) {
      throw serverError("account limit exceeded");
    }
    if (this.size < MAX_TRANSACTIONS) return;
    const cheapest = this.#cheapest();
    if (cheapest === null || cheapest.transaction.gasTipCap >= transaction.gasTipCap) {
      throw serverError("transaction underpriced");
    }
    this.remove(cheapest.hash);
  }

  #checkFunds(pooled: Pooled, rival: Pooled | undefined, own: ReadonlyMap<bigint, Pooled> | undefined): void {
    const balance = this.#state().balance(pooled.sender);
    const { cost } = pooled;
    if (balance < cost) {
      throw serverError(
        `insufficient funds for gas * price + value: balance ${balance}, tx cost ${cost}, overshot ${cost - balance}`,
      );
    }
    let spent = 0n;
    for (const other of own?.values() ?? []) if (other !== rival) spent += other.cost;
    if (balance < spent + cost) {
      throw serverError(
        "insufficient funds for gas * price + value: " +
          `balance ${balance}, queued cost ${spent}, tx cost ${cost}, overshot ${spent + cost - balance}`,
      );
    }
  }

  #cheapest(): Pooled | null {
    let cheapest: Pooled | null = null;
    for (const pooled of this.#byHash.values()) {
      if (cheapest === null || pooled.transaction.gasTipCap < cheapest.transaction.gasTipCap) cheapest = pooled;
    }
    return cheapest;
  }

  /** The nonce after the account's executable transactions. */
  nextNonce(address: Address): bigint {
    let nonce = this.#state().nonce(address);
    const account = this.#accounts.get(address);
    while (account?.has(nonce)) nonce++;
    return nonce;
  }

  /** The executable transactions of an account from a nonce on. */
  executableFrom(address: Address, first: bigint): Pooled[] {
    const account = this.#accounts.get(address);
    const found: Pooled[] = [];
    if (account === undefined || first >= this.nextNonce(address)) return found;
    for (let pooled = account.get(first); pooled !== undefined; pooled = account.get(pooled.transaction.nonce + 1n)) {
      found.push(pooled);
    }
    return found;
  }

  remove(hash: Hash): Pooled | null {
    const pooled = this.#byHash.get(hash);
    if (pooled === undefined) return null;
    this.#byHash.delete(hash);
    const account = this.#accounts.get(pooled.sender);
    account?.delete(pooled.transaction.nonce);
    if (account?.size === 0) this.#accounts.delete(pooled.sender);
    this.version++;
    return pooled;
  }

  removeSender(address: Address): void {
    for (const pooled of [...this.#accounts.get(address)?.values() ?? []]) this.remove(pooled.hash);
  }

  clear(): void {
    this.#accounts.clear();
    this.#byHash.clear();
    this.version++;
  }

  /** Drops what the new head has made impossible: used nonces, and what its sender cannot pay any more. */
  settle(): void {
    const state = this.#state();
    for (const [address, account] of this.#accounts) {
      const nonce = state.nonce(address);
      const balance = state.balance(address);
      for (const pooled of [...account.values()]) {
        if (pooled.transaction.nonce < nonce || pooled.cost > balance) this.remove(pooled.hash);
      }
    }
    this.version++;
  }

  /** The accounts and their executable and waiting transactions, each by nonce. */
  *accounts(): Generator<{ readonly address: Address; readonly pending: Pooled[]; readonly queued: Pooled[] }> {
    for (const address of this.#accounts.keys()) yield { address, ...this.of(address) };
  }

  of(address: Address): { readonly pending: Pooled[]; readonly queued: Pooled[] } {
    const account = this.#accounts.get(address);
    if (account === undefined) return { pending: [], queued: [] };
    const next = this.nextNonce(address);
    const sorted = [...account.values()].sort((one, other) => one.transaction.nonce < other.transaction.nonce ? -1 : 1);
    return {
      pending: sorted.filter(({ transaction }) => transaction.nonce < next),
      queued: sorted.filter(({ transaction }) => transaction.nonce >= next),
    };
  }

  /** A copy of what it holds, to come back to (evm_snapshot). */
  content(): readonly Pooled[] {
    return [...this.#byHash.values()];
  }

  restore(content: readonly Pooled[]): void {
    this.clear();
    for (const pooled of content) {
      const account = this.#accounts.get(pooled.sender) ?? new Map<bigint, Pooled>();
      account.set(pooled.transaction.nonce, pooled);
      this.#accounts.set(pooled.sender, account);
      this.#byHash.set(pooled.hash, pooled);
    }
  }
}

function checkReplacement(rival: Pooled, pooled: Pooled): void {
  const [old, next] = [rival.transaction, pooled.transaction];
  const oldBlob = old.type === TX_TYPE.blob;
  if (oldBlob !== (next.type === TX_TYPE.blob)) throw serverError("address already reserved");
  const bump = oldBlob ? BLOB_PRICE_BUMP : PRICE_BUMP;
  const enough = (was: bigint, is: bigint) => is > was && is * 100n >= was * (100n + bump);
  const blobEnough = !oldBlob || enough(old.blobFeeCap, next.blobFeeCap);
  if (!enough(old.gasFeeCap, next.gasFeeCap) || !enough(old.gasTipCap, next.gasTipCap) || !blobEnough) {
    throw serverError("replacement transaction underpriced");
  }
}
