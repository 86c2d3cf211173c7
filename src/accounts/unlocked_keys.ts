import type { Address } from "../eth/types.ts";

/** The longest delay that setTimeout keeps; a longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface UnlockedKey {
  readonly privateKey: Uint8Array;
  /** Milliseconds of the monotonic clock; Infinity until the process ends. */
  readonly expires: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The keys that are in memory, each until its time is up. Owns the bytes it is given and zeroes them. */
export class UnlockedKeys {
  readonly #keys = new Map<Address, UnlockedKey>();

  /** The key, or undefined while locked. Lent for the length of a synchronous signature, never to be kept. */
  get(address: Address): Uint8Array | undefined {
    const key = this.#keys.get(address);
    if (key === undefined) return undefined;
    // A busy loop may be late to fire the timer; the deadline holds all the same.
    if (performance.now() >= key.expires) {
      this.lock(address);
      return undefined;
    }
    return key.privateKey;
  }

  has(address: Address): boolean {
    return this.get(address) !== undefined;
  }

  addresses(): Address[] {
    return [...this.#keys.keys()].filter((address) => this.has(address));
  }

  /**
   * Keeps a key for `durationMs`. A key that is unlocked for good stays so: a shorter time would be a surprise (geth's
   * keystore.TimedUnlock); otherwise the new time replaces the old.
   */
  unlock(address: Address, privateKey: Uint8Array, { durationMs }: { durationMs: number }): void {
    const old = this.#keys.get(address);
    if (old?.expires === Infinity) {
      privateKey.fill(0);
      return;
    }
    this.lock(address);
    const key: UnlockedKey = { privateKey, expires: performance.now() + durationMs, timer: undefined };
    this.#keys.set(address, key);
    this.#arm(address, key);
  }

  lock(address: Address): void {
    const key = this.#keys.get(address);
    if (key === undefined) return;
    this.#keys.delete(address);
    clearTimeout(key.timer);
    key.privateKey.fill(0);
  }

  /** Locks everything. */
  close(): void {
    for (const address of [...this.#keys.keys()]) this.lock(address);
  }

  #arm(address: Address, key: UnlockedKey): void {
    const left = key.expires - performance.now();
    if (left === Infinity) return;
    if (left <= 0) return this.lock(address);
    const timer = setTimeout(() => this.#arm(address, key), Math.min(Math.ceil(left), MAX_TIMER_MS));
    // An unlocked account is no reason to keep the process alive.
    Deno.unrefTimer(timer);
    key.timer = timer;
  }
}
