import { type Clock, SYSTEM_CLOCK, type Timer } from "../concurrency/clock.ts";
import type { Address } from "../primitives/types.ts";

interface UnlockedKey {
  readonly privateKey: Uint8Array;
  /** Milliseconds of the clock; Infinity until the process ends. */
  readonly expires: number;
  readonly timer: Timer | undefined;
}

/** The keys in memory, each until its time is up. This class owns the bytes that it is given, and zeroes them. */
export class UnlockedKeys {
  readonly #keys = new Map<Address, UnlockedKey>();
  readonly #clock: Clock;

  constructor(clock: Clock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  /** Returns the key, or undefined while locked. The caller may use it for one synchronous signature and must not keep it. */
  get(address: Address): Uint8Array | undefined {
    const key = this.#keys.get(address);
    if (key === undefined) return undefined;
    // The timer may be late when the event loop is busy, so the deadline is checked as well.
    if (this.#clock.now() >= key.expires) {
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
   * Keeps a key for `durationMs`. A key that is unlocked for good stays so: a shorter time has no effect (geth's
   * keystore.TimedUnlock); otherwise the new time replaces the old.
   */
  unlock(address: Address, privateKey: Uint8Array, { durationMs }: { durationMs: number }): void {
    const old = this.#keys.get(address);
    if (old?.expires === Infinity) {
      privateKey.fill(0);
      return;
    }
    this.lock(address);
    const timer = durationMs === Infinity ? undefined : this.#clock.setTimer(durationMs, () => this.lock(address));
    // The timer of an unlocked account must not keep the process alive.
    timer?.unref();
    this.#keys.set(address, { privateKey, expires: this.#clock.now() + durationMs, timer });
  }

  lock(address: Address): void {
    const key = this.#keys.get(address);
    if (key === undefined) return;
    this.#keys.delete(address);
    key.timer?.cancel();
    key.privateKey.fill(0);
  }

  /** Locks everything. */
  close(): void {
    for (const address of [...this.#keys.keys()]) this.lock(address);
  }
}
