import type { Connection } from "./connection.ts";
import { limitError, type RpcError } from "./error.ts";
import {
  DEFERRED_OVERHEAD_UNITS,
  MAX_WAITING_UNITS,
  MAX_WAITING_UNITS_PER_CONNECTION,
  OPEN_BELOW_BYTES,
  SMALL_ANSWER_UNITS,
} from "./limits.ts";

/** What the answers and calls that wait on all connections take together, UTF-16 units. */
export class AnswerBudget {
  readonly limit: number;
  #units = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get units(): number {
    return this.#units;
  }

  /** False when there is no room. Nothing is refused for its own size alone. */
  take(units: number): boolean {
    if (this.#units > 0 && this.#units + units > this.limit) return false;
    this.#units += units;
    return true;
  }

  give(units: number): void {
    this.#units -= units;
  }
}

/** Memory is the process's, so by default its connections share one. */
const processBudget = new AnswerBudget(MAX_WAITING_UNITS);

/** One answer, and what depends on whether it leaves. */
export interface Answer {
  readonly text: string;
  /** Called once the text has been handed over. */
  readonly sent?: () => void;
  /** Called instead when there is no room to keep it; the text of the error that takes its place. */
  readonly refused: (error: RpcError) => string;
}

export interface AnswersOptions {
  readonly budget?: AnswerBudget | undefined;
  /** Takes up a message that had to wait. */
  readonly resume: (data: string | Uint8Array) => void;
  /** Nothing waits any more. */
  readonly idle: () => void;
}

/**
 * The way out for the answers of one connection. An answer waits here while the peer is behind, and meanwhile no further
 * call is begun: unlike a notification, it has an asker who can be made to wait. What waits is bounded for the connection
 * and for the process; a large answer that the transport has, and that has not left yet, counts as well.
 */
export class Answers {
  readonly #connection: Connection;
  readonly #options: AnswersOptions;
  readonly #budget: AnswerBudget;
  readonly #held: Answer[] = [];
  readonly #deferred: (string | Uint8Array)[] = [];
  /** What this connection has of the budget, and how much of that the transport holds. */
  #units = 0;
  #leaving = 0;
  #watching = false;
  #closed = false;

  constructor(connection: Connection, options: AnswersOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#budget = options.budget ?? processBudget;
  }

  /** True while the next message may be taken up at once. */
  get open(): boolean {
    return this.isIdle && !this.#connection.isBehind(OPEN_BELOW_BYTES);
  }

  /** True while nothing waits. */
  get isIdle(): boolean {
    return this.#held.length === 0 && this.#deferred.length === 0;
  }

  /** Sends the text of an answer now; false when it has to wait, or to be counted, and {@link send} is needed. */
  pass(text: string): boolean {
    if (text.length > OPEN_BELOW_BYTES || !this.#isOpen()) return false;
    this.#connection.send(text);
    return true;
  }

  /** Sends an answer now, or when those before it have left. */
  send(answer: Answer): void {
    if (this.#closed) return;
    const isOpen = this.#isOpen();
    if (isOpen && answer.text.length <= OPEN_BELOW_BYTES) return this.#hand(answer);
    if (isOpen) this.#left();
    const refusal = this.reserve(answer.text.length);
    if (refusal !== undefined) return this.#replace(answer, refusal);
    if (isOpen) return this.#handLarge(answer);
    this.#held.push(answer);
    this.#watch();
  }

  /**
   * Keeps a message until those before it have been answered and the answers have left; an error when it cannot. Bounded
   * by size and not by number: thousands of small calls at once are nothing that a client must not do.
   */
  defer(data: string | Uint8Array): RpcError | undefined {
    const refusal = this.reserve(data.length + DEFERRED_OVERHEAD_UNITS);
    if (refusal !== undefined) return refusal;
    this.#deferred.push(data);
    this.#watch();
    return undefined;
  }

  /** Counts what is kept for this connection, to be given back with {@link release}; an error when there is no room. */
  reserve(units: number): RpcError | undefined {
    if (this.#closed) return undefined;
    const sum = this.#units + units;
    if (this.#units > 0 && sum > MAX_WAITING_UNITS_PER_CONNECTION) {
      return limitError(
        "too many bytes wait on this connection: read its answers",
        MAX_WAITING_UNITS_PER_CONNECTION,
        sum,
      );
    }
    if (!this.#budget.take(units)) {
      return limitError("too many bytes wait on all connections", this.#budget.limit, this.#budget.units + units);
    }
    this.#units = sum;
    return undefined;
  }

  release(units: number): void {
    // The end of the connection has given back everything.
    if (this.#closed) return;
    this.#units -= units;
    this.#budget.give(units);
  }

  /** Drops everything: the connection is gone. */
  close(): void {
    this.release(this.#units);
    this.#closed = true;
    this.#held.length = 0;
    this.#deferred.length = 0;
  }

  /** True when nothing waits before an answer. */
  #isOpen(): boolean {
    return !this.#closed && this.#held.length === 0 && !this.#connection.isBehind(OPEN_BELOW_BYTES);
  }

  #hand({ text, sent }: Answer): void {
    this.#connection.send(text);
    sent?.();
  }

  #handLarge(answer: Answer): void {
    this.#leaving += answer.text.length;
    this.#hand(answer);
    this.#watch();
  }

  #replace(answer: Answer, refusal: RpcError): void {
    // Nothing is saved by replacing a small one, and a call that has changed something must not look failed. It may
    // overtake: past this point the transport's own limit ends a peer that goes on asking without reading.
    if (answer.text.length <= SMALL_ANSWER_UNITS) return this.#hand(answer);
    this.#connection.send(answer.refused(refusal));
  }

  /** What the transport had is gone. */
  #left(): void {
    this.release(this.#leaving);
    this.#leaving = 0;
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#connection.drained().then(() => {
      this.#watching = false;
      if (!this.#closed) this.#proceed();
    });
  }

  /** The transport has room: it is given one thing at least, so that its mark and this one's need not be the same. */
  #proceed(): void {
    this.#left();
    do {
      const answer = this.#held.shift();
      if (answer !== undefined) this.#sendHeld(answer);
      else this.#resumeNext();
    } while (!this.#closed && !this.isIdle && !this.#connection.isBehind(OPEN_BELOW_BYTES));
    if (!this.isIdle || this.#leaving > 0) this.#watch();
    if (this.isIdle) this.#options.idle();
  }

  #sendHeld(answer: Answer): void {
    if (answer.text.length > OPEN_BELOW_BYTES) return this.#handLarge(answer);
    this.release(answer.text.length);
    this.#hand(answer);
  }

  #resumeNext(): void {
    const data = this.#deferred.shift();
    if (data === undefined) return;
    this.release(data.length + DEFERRED_OVERHEAD_UNITS);
    this.#options.resume(data);
  }
}
