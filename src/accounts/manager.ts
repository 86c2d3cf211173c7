import type { Clock } from "../concurrency/clock.ts";
import { hexToBytes } from "../primitives/hex.ts";
import type { Address, Hash, Signature } from "../primitives/types.ts";
import type { Logger } from "../app/log.ts";
import { serverError } from "../rpc/error.ts";
import { locked, noKey, noKeystore, unknownAccount, WrongPassword } from "./errors.ts";
import { GuessLimiter } from "./guess_limiter.ts";
import { KeyedMutex } from "../concurrency/keyed_mutex.ts";
import type { KeyFile, Keystore } from "./keystore.ts";
import { randomPrivateKey, signDigest } from "./signer.ts";
import { type AccountKind, admitUnlock, type Exposure } from "./unlock_policy.ts";
import { UnlockedKeys } from "./unlocked_keys.ts";
import { hostOf } from "../text/host_port.ts";

/** An account of the embedded chain. Its key is public knowledge, so it is never locked. */
export interface DevAccount {
  readonly address: Address;
  readonly privateKey: Hash;
}

/** A password, and the call that it came with. */
export interface PasswordUse {
  readonly password: string;
  /** Absent when the program itself uses the password, at start-up. */
  readonly call?: PasswordCall | undefined;
}

/** The part of a call that the limiter of guesses reads. */
export interface PasswordCall {
  readonly signal: AbortSignal;
  readonly connection: {
    readonly id: number;
    /** The peer's `address:port`. */
    readonly peer: string;
  };
}

/** One line of personal_listWallets. */
export interface Wallet {
  readonly url: string;
  readonly status: "Locked" | "Unlocked";
  readonly accounts: readonly { readonly address: Address; readonly url: string }[];
}

export interface ManagerOptions {
  readonly devAccounts: readonly DevAccount[];
  readonly keystore: Keystore | undefined;
  readonly exposure: Exposure;
  readonly log: Logger;
  readonly clock?: Clock | undefined;
}

/** geth's default of personal_unlockAccount. */
export const DEFAULT_UNLOCK_SECONDS = 300n;
/** The seconds in Go's longest time.Duration. */
const MAX_UNLOCK_SECONDS = 9_223_372_036n;
/** The password of the chain's accounts: that of geth's --dev account. */
const DEV_PASSWORD = "";

/** Signs for the chain's own accounts, and for the keystore's while they are unlocked or their password is at hand. */
export class AccountManager {
  readonly exposure: Exposure;
  readonly #dev: ReadonlyMap<Address, Uint8Array>;
  readonly #keystore: Keystore | undefined;
  readonly #unlocked: UnlockedKeys;
  readonly #guesses: GuessLimiter;
  readonly #nonces = new KeyedMutex();
  readonly #log: Logger;

  constructor(options: ManagerOptions) {
    this.exposure = options.exposure;
    this.#dev = new Map(
      options.devAccounts.map(({ address, privateKey }) => [address, hexToBytes(privateKey)]),
    );
    this.#keystore = options.keystore;
    this.#log = options.log;
    this.#guesses = new GuessLimiter(options.log, options.clock);
    this.#unlocked = new UnlockedKeys(options.clock);
  }

  /** Returns all addresses: the chain's own, then the keystore's in the order of their files. */
  async list(): Promise<Address[]> {
    const files = await this.#files();
    return [...new Set([...this.#dev.keys(), ...files.map(({ address }) => address)])];
  }

  async wallets(): Promise<Wallet[]> {
    const wallet = (address: Address, url: string) => {
      const status = this.#dev.has(address) || this.#unlocked.has(address) ? "Unlocked" : "Locked";
      return { url, status, accounts: [{ address, url }] } satisfies Wallet;
    };
    return [
      ...[...this.#dev.keys()].map((address) => wallet(address, `dev://${address}`)),
      ...(await this.#files()).map(({ address, path }) => wallet(address, `keystore://${path}`)),
    ];
  }

  async has(address: Address): Promise<boolean> {
    // Keys in memory stay usable without the folder, which may be gone.
    if (this.#dev.has(address) || this.#unlocked.has(address)) return true;
    return (await this.#files()).some((file) => file.address === address);
  }

  kindOf(address: Address): AccountKind {
    return this.#dev.has(address) ? "dev" : "keystore";
  }

  /** Returns the keystore accounts that are unlocked now. */
  unlockedAddresses(): Address[] {
    return this.#unlocked.addresses();
  }

  /** Throws `unknown account` for an address that is in no wallet, whether locked or not. */
  async require(address: Address): Promise<void> {
    if (!await this.has(address)) throw unknownAccount();
  }

  /** Signs with a key that is in memory; throws `unknown account` or `authentication needed` otherwise. */
  async sign(address: Address, digest: Uint8Array): Promise<Signature> {
    const key = this.#dev.get(address) ?? this.#unlocked.get(address);
    if (key !== undefined) return signDigest(key, digest);
    await this.require(address);
    throw locked();
  }

  /** Signs with a key that is decrypted for this one signature. */
  async signWithPassword(
    address: Address,
    options: { readonly digest: Uint8Array; readonly use: PasswordUse },
  ): Promise<Signature> {
    await this.require(address);
    const key = await this.#open(address, options.use);
    try {
      return signDigest(key, options.digest);
    } finally {
      key.fill(0);
    }
  }

  /** Unlocks for `seconds`, 0 for as long as the process runs; checks the guard before everything else. */
  async unlock(
    address: Address,
    options: { readonly seconds: bigint | undefined; readonly use: PasswordUse },
  ): Promise<void> {
    admitUnlock(this.exposure, this.kindOf(address));
    const seconds = options.seconds ?? DEFAULT_UNLOCK_SECONDS;
    if (seconds > MAX_UNLOCK_SECONDS) throw serverError("unlock duration too large");
    try {
      await this.#unlock(address, { seconds, use: options.use });
    } catch (error) {
      this.#log.warn("Failed account unlock attempt", { address, err: reasonOf(error) });
      throw error;
    }
  }

  /** Unlocks for good at start-up, after the start's own check of the guard. */
  async unlockForStart(address: Address, password: string): Promise<void> {
    await this.#unlock(address, { seconds: 0n, use: { password } });
  }

  /** Locks an account; returns false for one of the chain, or when there is no keystore. */
  lock(address: Address): boolean {
    if (this.#keystore === undefined || this.#dev.has(address)) return false;
    this.#unlocked.lock(address);
    return true;
  }

  /** Makes a key and its file. */
  async create(use: PasswordUse): Promise<KeyFile> {
    return await this.importKey(randomPrivateKey(), use);
  }

  /** Encrypts `privateKey` into a file and zeroes it. */
  async importKey(privateKey: Uint8Array, use: PasswordUse): Promise<KeyFile> {
    try {
      if (this.#keystore === undefined) throw noKeystore();
      return await this.#keystore.add(privateKey, { password: use.password, signal: use.call?.signal });
    } finally {
      privateKey.fill(0);
    }
  }

  /**
   * Runs `task` alone among those of the same sender, so that two transactions sent at once get two nonces (geth's
   * internal/ethapi, AddrLocker).
   */
  async inNonceOrder<T>(address: Address, task: () => Promise<T>): Promise<T> {
    return await this.#nonces.run(address, task);
  }

  /** Forgets all keys. */
  close(): void {
    this.#unlocked.close();
    for (const key of this.#dev.values()) key.fill(0);
  }

  async #unlock(address: Address, { seconds, use }: { seconds: bigint; use: PasswordUse }): Promise<void> {
    const key = await this.#open(address, use);
    if (this.#dev.has(address)) key.fill(0);
    else this.#unlocked.unlock(address, key, { durationMs: seconds === 0n ? Infinity : Number(seconds) * 1000 });
  }

  /** Returns a fresh copy of the key, which the caller zeroes. */
  async #open(address: Address, { password, call }: PasswordUse): Promise<Uint8Array> {
    const dev = this.#dev.get(address);
    const keystore = this.#keystore;
    if (dev === undefined) {
      if (keystore === undefined) throw noKeystore();
      // This is checked before the limiter: an unknown address is no guess, and leaves no record.
      if (!await this.has(address)) throw noKey();
    }
    const signal = call?.signal;
    const host = call === undefined ? undefined : hostOf(call.connection.peer);
    try {
      return await this.#guesses.attempt({ address, connection: call?.connection.id, host, signal }, async () => {
        if (dev === undefined && keystore !== undefined) return await keystore.open(address, { password, signal });
        if (password !== DEV_PASSWORD || dev === undefined) throw new WrongPassword();
        return dev.slice();
      });
    } catch (error) {
      throw error instanceof WrongPassword ? serverError(error.message) : error;
    }
  }

  async #files(): Promise<KeyFile[]> {
    return await this.#keystore?.files() ?? [];
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the bytes of a 32-byte hex value. */
export function digestBytes(digest: Hash): Uint8Array {
  return hexToBytes(digest);
}
