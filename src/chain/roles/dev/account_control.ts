import type { Address, Data, Hash } from "../../../eth/types.ts";
import type { AccountControl, PoolControl } from "../../../node/dev.ts";
import type { FilledTransaction } from "../../../node/submit.ts";
import { invalidParams } from "../../../rpc/error.ts";
import type { ChainCore } from "../../core/core.ts";
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
    await this.#core.writes.run(() => {
      this.#core.store.head.world = edit(this.#core.headWorld());
      this.#core.stateVersion++;
      this.#core.pool.settle();
      this.#core.announce();
    });
    await this.#sealer.poolChanged();
  }

  impersonate(address: Address): void {
    const impersonated = new Set(this.#core.settings.impersonated).add(address);
    this.#core.settings = { ...this.#core.settings, impersonated };
  }

  stopImpersonating(address: Address): boolean {
    const impersonated = new Set(this.#core.settings.impersonated);
    const had = impersonated.delete(address);
    this.#core.settings = { ...this.#core.settings, impersonated };
    return had;
  }

  setAutoImpersonate(enabled: boolean): void {
    this.#core.settings = { ...this.#core.settings, impersonateAll: enabled };
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
    return this.#core.pool.remove(hash) === null ? null : hash;
  }

  dropAllTransactions(): void {
    this.#core.pool.clear();
  }

  removePoolTransactions(address: Address): void {
    this.#core.pool.removeSender(address);
  }
}
