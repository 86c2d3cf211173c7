import type { Address, Data, Hash } from "../../../eth/types.ts";
import type { AccountControl, PoolControl } from "../../../node/dev.ts";
import type { FilledTransaction } from "../../../node/submit.ts";
import { invalidParams } from "../../../rpc/error.ts";
import type { ChainCore } from "../../core/core.ts";
import type { Settings } from "../../core/settings.ts";
import type { Sealer } from "../../seal/sealer.ts";
import type { EmbeddedSubmitter } from "../submit/submitter.ts";
import type { World } from "../../../state/world.ts";
import { hexToBytes } from "../../../primitives/hex.ts";

const MAX_UINT256 = 2n ** 256n - 1n;

/** Changes to accounts of the head, and to the pool. */
export class EmbeddedAccountControl implements AccountControl, PoolControl {
  readonly #core: ChainCore;
  readonly #sealer: Sealer;
  readonly #submitter: EmbeddedSubmitter;

  constructor(core: ChainCore, parts: { readonly sealer: Sealer; readonly submitter: EmbeddedSubmitter }) {
    this.#core = core;
    this.#sealer = parts.sealer;
    this.#submitter = parts.submitter;
  }

  setBalance(address: Address, balance: bigint): Promise<void> {
    return this.#change((world) => world.withBalance(address, balance));
  }

  addBalance(address: Address, amount: bigint): Promise<void> {
    return this.#change((world) => {
      const balance = (world.account(address)?.balance ?? 0n) + amount;
      if (balance > MAX_UINT256) throw invalidParams(`the balance of ${address} would not fit 256 bits`);
      return world.withBalance(address, balance);
    });
  }

  setNonce(address: Address, nonce: bigint): Promise<void> {
    return this.#change((world) => world.withNonce(address, nonce));
  }

  setCode(address: Address, code: Data): Promise<void> {
    return this.#change((world) => world.withCode(address, hexToBytes(code)));
  }

  setStorageAt(address: Address, slot: Hash, value: Hash): Promise<void> {
    return this.#change((world) => world.withStorage(address, [[slot, value]]));
  }

  /** Replaces the state of the head: its header's state root is the one that was sealed, as in anvil and hardhat. */
  async #change(edit: (world: World) => World): Promise<void> {
    await this.#core.writes.run(() => this.#core.commit({ kind: "edit", world: edit(this.#core.headWorld()) }));
    await this.#sealer.poolChanged();
  }

  impersonate(address: Address): void {
    this.#set({ impersonated: new Set(this.#core.settings.impersonated).add(address) });
  }

  stopImpersonating(address: Address): boolean {
    const impersonated = new Set(this.#core.settings.impersonated);
    const had = impersonated.delete(address);
    this.#set({ impersonated });
    return had;
  }

  setAutoImpersonate(enabled: boolean): void {
    this.#set({ impersonateAll: enabled });
  }

  impersonated(): readonly Address[] {
    return [...this.#core.settings.impersonated];
  }

  isImpersonated(address: Address): boolean {
    const { impersonateAll, impersonated } = this.#core.settings;
    return impersonateAll || impersonated.has(address);
  }

  sendUnsigned(filled: FilledTransaction): Promise<Hash> {
    return this.#submitter.sendUnsigned(filled);
  }

  dropTransaction(hash: Hash): Hash | null {
    if (this.#core.pool.get(hash) === null) return null;
    this.#drop([hash]);
    return hash;
  }

  dropAllTransactions(): void {
    this.#drop(this.#core.pool.content().map(({ hash }) => hash));
  }

  removePoolTransactions(address: Address): void {
    const { pending, queued } = this.#core.pool.of(address);
    this.#drop([...pending, ...queued].map(({ hash }) => hash));
  }

  #set(patch: Partial<Settings>): void {
    this.#core.commit({ kind: "settings", patch });
  }

  #drop(dropped: readonly Hash[]): void {
    this.#core.commit({ kind: "pool", change: { dropped } });
  }
}
