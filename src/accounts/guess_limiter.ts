import type { Address } from "../eth/types.ts";
import { limitError } from "../rpc/error.ts";
import type { Logger } from "../app/log.ts";
import { WrongPassword } from "./errors.ts";
import { KeyedMutex } from "../concurrency/keyed_mutex.ts";

/** Typing errors are human; from here on each guess waits. */
export const FREE_FAILURES = 5;
/** The least time between the answers to two guesses once the free ones are spent. */
export const GUESS_INTERVAL_MS = 1000;
/** More guesses than this in line for one account or connection are refused unheard. */
export const MAX_WAITING_GUESSES = 16;
/** An account or a connection without a failure for so long is forgotten. */
const FORGET_AFTER_MS = 15 * 60_000;
/** Connections come and go; beyond this many records the forgotten ones are swept out. */
const SWEEP_ABOVE_RECORDS = 1000;

interface FailureRecord {
  failures: number;
  /** When the last wrong guess was answered, on the monotonic clock. */
  lastFailure: number;
}

/** Who guesses, and at what. */
export interface Guess {
  readonly address: Address;
  /** The connection's id; the program itself, at start-up, has none. */
  readonly connection: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Slows down who tries passwords: guesses at one account, and guesses of one connection, are checked one after the
 * other, and after five failures not more often than once a second. Counting by account as well as by connection
 * leaves no gain in connecting anew for each guess.
 */
export class GuessLimiter {
  readonly #records = new Map<string, FailureRecord>();
  readonly #locks = new KeyedMutex();
  /** How many guesses hold or await their turn, by account and by connection. */
  readonly #waiting = new Map<string, number>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Runs `open`, which throws {@link WrongPassword} for a wrong guess; anything else that it throws is no guess. */
  async attempt<T>(guess: Guess, open: () => Promise<T>): Promise<T> {
    const account = guess.address;
    // The order is the same for all, connection before account, so that no two wait for each other.
    const keys = guess.connection === undefined ? [account] : [`connection ${guess.connection}`, account];
    this.#enter(keys);
    try {
      return await this.#inTurn(keys, { guess, open });
    } finally {
      this.#leave(keys);
    }
  }

  /** The wrong guesses at an account that count at present. */
  failures(address: Address): number {
    return this.#record(address)?.failures ?? 0;
  }

  #enter(keys: readonly string[]): void {
    for (const key of keys) {
      const waiting = (this.#waiting.get(key) ?? 0) + 1;
      if (waiting > MAX_WAITING_GUESSES) {
        throw limitError("too many passwords are waiting to be checked", MAX_WAITING_GUESSES, waiting);
      }
    }
    for (const key of keys) this.#waiting.set(key, (this.#waiting.get(key) ?? 0) + 1);
  }

  #leave(keys: readonly string[]): void {
    for (const key of keys) {
      const waiting = (this.#waiting.get(key) ?? 0) - 1;
      if (waiting > 0) this.#waiting.set(key, waiting);
      else this.#waiting.delete(key);
    }
  }

  #inTurn<T>(keys: readonly string[], attempt: { guess: Guess; open: () => Promise<T> }): Promise<T> {
    const checked = keys.reduceRight<() => Promise<T>>(
      (next, key) => () => this.#locks.run(key, next),
      () => this.#check(keys, attempt),
    );
    return checked();
  }

  async #check<T>(keys: readonly string[], { guess, open }: { guess: Guess; open: () => Promise<T> }): Promise<T> {
    await this.#wait(keys, guess.signal);
    try {
      const result = await open();
      // Only the account: a connection with a password of its own must not clear its record with it.
      this.#records.delete(guess.address);
      return result;
    } catch (error) {
      if (error instanceof WrongPassword) this.#count(keys, guess);
      throw error;
    }
  }

  #count(keys: readonly string[], guess: Guess): void {
    const now = performance.now();
    for (const key of keys) {
      const failures = (this.#record(key)?.failures ?? 0) + 1;
      this.#records.set(key, { failures, lastFailure: now });
    }
    if (this.#records.size > SWEEP_ABOVE_RECORDS) { for (const key of [...this.#records.keys()]) this.#record(key); }
    const { address, connection } = guess;
    const by = connection === undefined ? {} : { connection };
    this.#log.warn("Wrong account password", { address, ...by, failures: this.failures(address) });
  }

  async #wait(keys: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const throttled = keys.map((key) => this.#record(key)).filter((record) => record !== undefined)
      .filter(({ failures }) => failures >= FREE_FAILURES);
    const start = Math.max(0, ...throttled.map(({ lastFailure }) => lastFailure + GUESS_INTERVAL_MS));
    const delay = start - performance.now();
    if (delay > 0) await pause(delay, signal);
    else signal?.throwIfAborted();
  }

  #record(key: string): FailureRecord | undefined {
    const record = this.#records.get(key);
    if (record === undefined || performance.now() - record.lastFailure < FORGET_AFTER_MS) return record;
    this.#records.delete(key);
    return undefined;
  }
}

function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = () => {
    clearTimeout(timer);
    reject(signal?.reason);
  };
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", stop);
    resolve();
  }, Math.ceil(delayMs));
  signal?.addEventListener("abort", stop, { once: true });
  return promise;
}
