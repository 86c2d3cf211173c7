import { type Clock, sleep, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import type { Address } from "../primitives/types.ts";
import { limitError } from "../rpc/error.ts";
import type { Logger } from "../app/log.ts";
import { WrongPassword } from "./errors.ts";
import { GuessQueue } from "./guess_queue.ts";

/** The failures that are free, because people mistype; after them each guess waits. */
export const FREE_FAILURES = 5;
/** The least time between the answers to two guesses once the free ones are spent. */
export const GUESS_INTERVAL_MS = 1000;
/** The most guesses that wait for one connection, or (first guesses apart) for one account; further ones are refused. */
export const MAX_WAITING_GUESSES = 16;
/** The same for the first guesses of connections at one account; there may be more of them, so that attackers do not fill it. */
export const MAX_WAITING_FIRST_GUESSES = 64;
/** The record of an account, a connection or a host is dropped after so long without a failure. */
const FORGET_AFTER_MS = 15 * 60_000;
/** When there are more records than this, the outdated ones are removed. */
const SWEEP_ABOVE_RECORDS = 1000;

interface FailureRecord {
  readonly failures: number;
  /** The time of the last wrong guess, on the clock. */
  readonly lastFailure: number;
}

/** The source and the account of a guess. */
export interface Guess {
  readonly address: Address;
  /** The connection's id; the program itself, at start-up, has none. */
  readonly connection: number | undefined;
  /** The remote host, without its port. */
  readonly host: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A guess that waits or is being checked. */
interface Attempt {
  readonly guess: Guess;
  /** The name of the account's queue: `ADDRESS first` or `ADDRESS further`. */
  readonly queue: string;
  /** The names of all queues in which it waits, the connection's first. */
  readonly queues: readonly string[];
}

/**
 * Slows down attempts to guess passwords: guesses at one account, and guesses of one connection, are checked one after the
 * other, and after five failures not more often than once a second. Because accounts are counted as well as connections, a
 * new connection for each guess gains nothing.
 *
 * The first guesses of connections wait in a queue of their own, in which hosts with fewer failures go first, so that the
 * owner of an account, who knows the password, is not delayed by attackers.
 */
export class GuessLimiter {
  readonly #records = new Map<string, FailureRecord>();
  /** The time of the last wrong guess in each queue of an account. */
  readonly #lastFailures = new Map<string, number>();
  readonly #queues = new Map<string, GuessQueue>();
  /** The number of guesses that wait in each queue. */
  readonly #standing = new Map<string, number>();
  readonly #log: Logger;
  readonly #clock: Clock;

  constructor(log: Logger, clock: Clock = SYSTEM_CLOCK) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Runs `open`, which throws {@link WrongPassword} for a wrong guess; anything else that it throws is no guess. */
  async attempt<T>(guess: Guess, open: () => Promise<T>): Promise<T> {
    const attempt = this.#enter(guess);
    const { queue, queues } = attempt;
    const rank = () => this.#record(`host ${guess.host}`)?.failures ?? 0;
    try {
      // All guesses enter the queues in the same order, connection before account, so that no two wait for each other.
      const [connection] = queues.filter((name) => name !== queue);
      const check = () => this.#queue(queue).run(() => this.#check(attempt, open), { rank, signal: guess.signal });
      if (connection === undefined) return await check();
      return await this.#queue(connection).run(check, { rank: () => 0, signal: guess.signal });
    } finally {
      this.#leave(queues);
    }
  }

  /** Returns the number of wrong guesses at an account that count at present. */
  failures(address: Address): number {
    return this.#record(address)?.failures ?? 0;
  }

  #enter(guess: Guess): Attempt {
    const { address, connection } = guess;
    const own = connection === undefined ? undefined : `connection ${connection}`;
    const isFirst = own === undefined || (this.#record(own) === undefined && !this.#standing.has(own));
    const queue = `${address} ${isFirst ? "first" : "further"}`;
    const queues = own === undefined ? [queue] : [own, queue];
    for (const name of queues) {
      const standing = (this.#standing.get(name) ?? 0) + 1;
      const limit = name.endsWith(" first") ? MAX_WAITING_FIRST_GUESSES : MAX_WAITING_GUESSES;
      if (standing > limit) throw limitError("too many passwords are waiting to be checked", limit, standing);
    }
    for (const name of queues) this.#standing.set(name, (this.#standing.get(name) ?? 0) + 1);
    return { guess, queue, queues };
  }

  #leave(queues: readonly string[]): void {
    for (const name of queues) {
      const standing = (this.#standing.get(name) ?? 0) - 1;
      if (standing > 0) this.#standing.set(name, standing);
      else {
        this.#standing.delete(name);
        this.#queues.delete(name);
      }
    }
  }

  #queue(name: string): GuessQueue {
    const queue = this.#queues.get(name) ?? new GuessQueue();
    this.#queues.set(name, queue);
    return queue;
  }

  async #check<T>({ guess, queue }: Attempt, open: () => Promise<T>): Promise<T> {
    await this.#wait(guess, queue);
    try {
      const result = await open();
      // Only the account's record: a client that knows one password must not clear its own record with it.
      this.#records.delete(guess.address);
      return result;
    } catch (error) {
      if (error instanceof WrongPassword) this.#count(guess, queue);
      throw error;
    }
  }

  async #wait({ address, connection, signal }: Guess, queue: string): Promise<void> {
    const own = connection === undefined ? undefined : this.#record(`connection ${connection}`);
    const lastInQueue = this.failures(address) >= FREE_FAILURES ? this.#lastFailures.get(queue) : undefined;
    const lastOfOwn = own !== undefined && own.failures >= FREE_FAILURES ? own.lastFailure : undefined;
    const last = Math.max(lastInQueue ?? -Infinity, lastOfOwn ?? -Infinity);
    const delay = last + GUESS_INTERVAL_MS - this.#clock.now();
    if (delay > 0) await sleep(delay, { clock: this.#clock, signal });
    else signal?.throwIfAborted();
  }

  #count({ address, connection, host }: Guess, queue: string): void {
    const now = this.#clock.now();
    const keys = [address, ...connection === undefined ? [] : [`connection ${connection}`]];
    if (host !== undefined) keys.push(`host ${host}`);
    for (const key of keys) {
      this.#records.set(key, { failures: (this.#record(key)?.failures ?? 0) + 1, lastFailure: now });
    }
    this.#lastFailures.set(queue, now);
    if (this.#records.size > SWEEP_ABOVE_RECORDS) this.#sweep(now);
    const by = connection === undefined ? {} : { connection };
    this.#log.warn("Wrong account password", { address, ...by, failures: this.failures(address) });
  }

  #sweep(now: number): void {
    for (const key of [...this.#records.keys()]) this.#record(key);
    for (const [name, last] of this.#lastFailures) if (now - last >= GUESS_INTERVAL_MS) this.#lastFailures.delete(name);
  }

  #record(key: string): FailureRecord | undefined {
    const record = this.#records.get(key);
    if (record === undefined || this.#clock.now() - record.lastFailure < FORGET_AFTER_MS) return record;
    this.#records.delete(key);
    return undefined;
  }
}
