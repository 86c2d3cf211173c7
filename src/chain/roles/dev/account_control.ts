import type { Address, Data, Hash } from "../../../eth/types.ts";
import type { AccountControl, PoolControl } from "../../../node/dev.ts";
import type { FilledTransaction } from "../../../node/submit.ts";
import { invalidParams } from "../../../rpc/error.ts";
import type { ChainCore } from "../../core/core.ts";
import type { Settings } from "../../core/settings.ts";
import type { Sealer } from "../../seal/sealer.ts";
import type { EmbeddedSubmitter } from "../submit/submitter.ts";
import type { World } from "../../../state/world.ts";
import { codeTooLong, MAX_GIVEN_CODE_BYTES } from "./given_code.ts";
import { hexToBytes } from "../../../primitives/hex.ts";
import { MAX_UINT256 } from "../../../primitives/uint.ts";

/** Changes accounts of the head, and the pool. */
export function accountControl(
  core: ChainCore,
  { sealer, submitter }: { readonly sealer: Sealer; readonly submitter: EmbeddedSubmitter },
): AccountControl & PoolControl {
  /** Replaces the state of the head; its header keeps the state root that was sealed, as in anvil and hardhat. */
  async function change(edit: (world: World) => World): Promise<void> {
    // It is loaded before the mutex is taken, so that a slow network stops nobody else's writes.
    if (core.base !== null) await core.loaded(() => edit(core.headWorld()));
    await core.writes.run(() => core.loaded(() => core.commit({ kind: "edit", world: edit(core.headWorld()) })));
    await sealer.poolChanged();
  }

  function set(patch: Partial<Settings>): void {
    core.commit({ kind: "settings", patch });
  }

  function drop(dropped: readonly Hash[]): void {
    core.commit({ kind: "pool", change: { dropped } });
  }

  return {
    setBalance(address: Address, balance: bigint): Promise<void> {
      return change((world) => world.withBalance(address, balance));
    },

    addBalance(address: Address, amount: bigint): Promise<void> {
      return change((world) => {
        const balance = (world.account(address)?.balance ?? 0n) + amount;
        if (balance > MAX_UINT256) throw invalidParams(`the balance of ${address} would not fit 256 bits`);
        return world.withBalance(address, balance);
      });
    },

    setNonce(address: Address, nonce: bigint): Promise<void> {
      return change((world) => world.withNonce(address, nonce));
    },

    setCode(address: Address, code: Data): Promise<void> {
      const bytes = hexToBytes(code);
      if (bytes.length > MAX_GIVEN_CODE_BYTES) throw invalidParams(codeTooLong(bytes.length));
      return change((world) => world.withCode(address, bytes));
    },

    setStorageAt(address: Address, slot: Hash, value: Hash): Promise<void> {
      return change((world) => world.withStorage(address, [[slot, value]]));
    },

    impersonate(address: Address): void {
      set({ impersonated: new Set(core.settings.impersonated).add(address) });
    },

    stopImpersonating(address: Address): boolean {
      const impersonated = new Set(core.settings.impersonated);
      const had = impersonated.delete(address);
      set({ impersonated });
      return had;
    },

    setAutoImpersonate(enabled: boolean): void {
      set({ impersonateAll: enabled });
    },

    impersonated(): readonly Address[] {
      return [...core.settings.impersonated];
    },

    isImpersonated(address: Address): boolean {
      const { impersonateAll, impersonated } = core.settings;
      return impersonateAll || impersonated.has(address);
    },

    sendUnsigned(filled: FilledTransaction): Promise<Hash> {
      return submitter.sendUnsigned(filled);
    },

    dropTransaction(hash: Hash): Hash | null {
      if (core.pool.get(hash) === null) return null;
      drop([hash]);
      return hash;
    },

    dropAllTransactions(): void {
      drop(core.pool.content().map(({ hash }) => hash));
    },

    removePoolTransactions(address: Address): void {
      const { pending, queued } = core.pool.of(address);
      drop([...pending, ...queued].map(({ hash }) => hash));
    },
  } satisfies AccountControl & PoolControl;
}
