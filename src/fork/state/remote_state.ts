import type { Address, Hash } from "../../eth/types.ts";
import { quantity, wordHex } from "../../primitives/hex.ts";
import { type BaseAccount, type Misses, MISSING, type Missing, type StateBase } from "../../state/base.ts";
import { codeOf } from "../../state/code.ts";
import type { RemoteSource } from "../source.ts";

/** The state of the forked block. */
export class RemoteState implements StateBase {
  readonly #source: RemoteSource;
  readonly #accounts = new Map<Address, BaseAccount | undefined>();
  readonly #slots = new Map<string, bigint>();
  readonly #hashes = new Map<bigint, Hash>();

  constructor(source: RemoteSource) {
    this.#source = source;
  }

  account(address: Address): BaseAccount | undefined | Missing {
    return this.#accounts.has(address) ? this.#accounts.get(address) : MISSING;
  }

  slot(address: Address, slot: bigint): bigint | Missing {
    return this.#slots.get(`${address}${slot}`) ?? MISSING;
  }

  blockHash(number: bigint): Hash | undefined | Missing {
    return this.#hashes.get(number) ?? MISSING;
  }

  async load(misses: Misses, signal?: AbortSignal): Promise<void> {
    const text = async (method: string, params: unknown[]) =>
      String((await this.#source.atBlock(method, params, signal)).decode());
    const jobs: Promise<void>[] = [];
    for (const address of misses.accounts) {
      jobs.push((async () => {
        const [balance, nonce, code] = await Promise.all(
          ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"].map((method) => text(method, [address])),
        );
        const bytes = Uint8Array.fromHex((code ?? "0x").slice(2));
        const account = {
          balance: BigInt(balance ?? 0),
          nonce: BigInt(nonce ?? 0),
          code: codeOf(bytes),
          hasStorage: true,
        };
        const isNothing = account.balance === 0n && account.nonce === 0n && bytes.length === 0;
        this.#accounts.set(address, isNothing ? undefined : account);
      })());
    }
    for (const [address, slots] of misses.slots) {
      for (const slot of slots) {
        jobs.push(
          text("eth_getStorageAt", [address, wordHex(slot)]).then((value) => {
            this.#slots.set(`${address}${slot}`, BigInt(value));
          }),
        );
      }
    }
    for (const number of misses.blockHashes) {
      jobs.push(
        this.#source.ask("eth_getBlockByNumber", [quantity(number), false], signal).then((json) => {
          this.#hashes.set(number, (json.decode() as { hash: Hash }).hash);
        }),
      );
    }
    await Promise.all(jobs);
  }
}
