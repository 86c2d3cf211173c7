import { timeSlices } from "../concurrency/time_slices.ts";
import { type Awaitable, whenSettled } from "./awaitable.ts";
import type { Connection } from "./connection.ts";
import { limitError, type RpcError } from "./error.ts";
import { Fifo } from "./fifo.ts";
import {
  MAX_WAITING_UNITS,
  MAX_WAITING_UNITS_PER_CONNECTION,
  OPEN_BELOW_BYTES,
  SMALL_ANSWER_UNITS,
  UNITS_PER_PASS,
  WAITING_MESSAGE_OVERHEAD_UNITS,
} from "./limits.ts";

/** Counts the answers and messages that wait on all connections together, in UTF-16 units. */
export class AnswerBudget {
  readonly limit: number;
  #units = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get units(): number {
    return this.#units;
  }

  /** Takes room for so many units; false when there is none. The size of one answer alone is never a reason to refuse it. */
  take(units: number): boolean {
    if (this.#units > 0 && this.#units + units > this.limit) return false;
    this.#units += units;
    return true;
  }

  give(units: number): void {
    this.#units -= units;
  }
}

/** All connections of a process share its memory, and so by default one budget. */
const processBudget = new AnswerBudget(MAX_WAITING_UNITS);

/** One answer, with the functions to call when it leaves or finds no room. */
export interface Answer {
  readonly text: string;
  /** Called once the text has been handed over. */
  readonly sent?: () => void;
  /** True when the call changes nothing, so that it may be run again later. */
  readonly mayRepeat: () => boolean;
  /** Called when there is no room to keep the answer, and no way to get it again; returns the error in its place. */
  readonly refused: (error: RpcError) => string;
}

export interface AnswersOptions {
  readonly budget?: AnswerBudget | undefined;
  /** True while no further call may be begun. */
  readonly isFull: () => boolean;
  /** Takes up a message that had to wait. */
  readonly resume: (data: string | Uint8Array) => void;
  /** Called when nothing waits any more. */
  readonly idle: () => void;
}

/**
 * The answers of one connection on their way out, and the messages that wait because of them. While the peer is behind,
 * answers wait here and no further call is begun: a client that asks can be made to wait. Waiting text is bounded for the
 * connection and for the process; a large answer that the transport has not sent yet counts as well. A call whose answer
 * finds no room is run again later if it changes nothing. A client that reads its answers therefore gets all of them,
 * however large they are.
 */
export class Answers {
  readonly #connection: Connection;
  readonly #options: AnswersOptions;
  readonly #budget: AnswerBudget;
  readonly #answers = new Fifo<Answer>();
  readonly #repeats = new Fifo<() => Awaitable<void>>();
  readonly #messages = new Fifo<string | Uint8Array>();
  /** Units of the budget that this connection has taken; the next field counts those of them that are in the transport. */
  #units = 0;
  #sentUnits = 0;
  /** True while a call is being run again; nothing else is begun meanwhile. */
  #isRepeating = false;
  #isWatching = false;
  #continuation: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(connection: Connection, options: AnswersOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#budget = options.budget ?? processBudget;
  }

  /** True while the next message may be taken up at once. */
  get isOpen(): boolean {
    return this.isIdle && !this.#isBehind() && !this.#options.isFull();
  }

  /** True while nothing waits. */
  get isIdle(): boolean {
    return this.#answers.size === 0 && this.#messages.size === 0 && this.#repeats.size === 0 && !this.#isRepeating;
  }

  /** Sends the text of an answer now; false when the answer has to wait or to be counted, so that {@link send} is needed. */
  trySend(text: string): boolean {
    if (text.length > OPEN_BELOW_BYTES || !this.#mayLeave()) return false;
    this.#connection.send(text);
    return true;
  }

  /** Sends an answer now, or when those before it have left; false when there is no room and its call is to be repeated. */
  send(answer: Answer): boolean {
    if (this.#closed) return true;
    const mayLeave = this.#mayLeave();
    if (mayLeave && answer.text.length <= OPEN_BELOW_BYTES) return this.#hand(answer);
    if (mayLeave) this.#forgetSent();
    const units = answer.text.length;
    const refusal = this.reserve(units);
    if (refusal !== undefined) return this.#replace(answer, refusal);
    if (mayLeave) return this.#handLarge(answer);
    this.#answers.add(answer);
    this.#watch();
    return true;
  }

  /** Waits until there is room, then runs a call again whose answer had found none. */
  repeat(again: () => Awaitable<void>): void {
    this.#repeats.add(again);
    this.#watch();
  }

  /**
   * Keeps a message until it may be taken up; returns an error when there is no room. The bound is a size and not a number,
   * because clients send thousands of small calls at once.
   */
  defer(data: string | Uint8Array): RpcError | undefined {
    const refusal = this.reserve(data.length + WAITING_MESSAGE_OVERHEAD_UNITS);
    if (refusal !== undefined) return refusal;
    this.#messages.add(data);
    this.resume();
    return undefined;
  }

  /** Goes on with the waiting answers and messages as far as it may; called when a call has ended. */
  resume(): void {
    if (this.#closed || this.isIdle || this.#continuation !== undefined) return;
    if (this.#isBehind()) this.#watch();
    else this.#proceed();
  }

  /** Removes and returns the messages that wait. */
  takeMessages(): (string | Uint8Array)[] {
    const messages: (string | Uint8Array)[] = [];
    for (let data = this.#takeMessage(); data !== undefined; data = this.#takeMessage()) messages.push(data);
    this.#repeats.clear();
    return messages;
  }

  /** Counts units that are kept for this connection until {@link release}; returns an error when there is no room. */
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
    // When the connection ended, it gave back everything.
    if (this.#closed) return;
    this.#units -= units;
    this.#budget.give(units);
  }

  /** Drops everything; called when the connection is gone. */
  close(): void {
    this.release(this.#units);
    this.#closed = true;
    clearTimeout(this.#continuation);
    this.#answers.clear();
    this.#repeats.clear();
    this.#messages.clear();
    this.#isRepeating = false;
  }

  #isBehind(): boolean {
    return this.#connection.isBehind(OPEN_BELOW_BYTES);
  }

  /** True when an answer that comes now is the next to leave. */
  #mayLeave(): boolean {
    return !this.#closed && this.#answers.size === 0 && !this.#isBehind();
  }

  #hand({ text, sent }: Answer): true {
    this.#connection.send(text);
    sent?.();
    return true;
  }

  #handLarge(answer: Answer): true {
    this.#sentUnits += answer.text.length;
    this.#hand(answer);
    this.#watch();
    return true;
  }

  #replace(answer: Answer, refusal: RpcError): boolean {
    // Replacing a small answer saves nothing, and a call that has changed something must not look failed. Such an answer may
    // overtake: past this point the transport's own limit ends a peer that goes on asking without reading.
    if (answer.text.length <= SMALL_ANSWER_UNITS) return this.#hand(answer);
    if (this.#units > 0 && answer.mayRepeat()) return false;
    this.#connection.send(answer.refused(refusal));
    return true;
  }

  /** Stops counting the large answers that have left the transport. */
  #forgetSent(): void {
    this.release(this.#sentUnits);
    this.#sentUnits = 0;
  }

  #watch(): void {
    if (this.#isWatching || this.#closed) return;
    this.#isWatching = true;
    this.#connection.drained().then(() => {
      this.#isWatching = false;
      if (!this.#closed) this.#proceed();
    });
  }

  /**
   * Sends at least one answer per wake-up: the transport's low-water mark may lie above OPEN_BELOW_BYTES, and then nothing
   * else would restart the queue.
   */
  #proceed(): void {
    this.#forgetSent();
    let taken = 0;
    do {
      const answer = this.#answers.take();
      if (answer !== undefined) {
        this.#sendWaiting(answer);
      } else {
        if (!this.#mayBegin()) break;
        taken += this.#beginNext();
      }
    } while (!this.#closed && !this.#isBehind() && taken < UNITS_PER_PASS && !timeSlices.isOver);
    if (this.#closed) return;
    if (this.#answers.size > 0 || this.#sentUnits > 0 || this.#isBehind()) this.#watch();
    else if (this.#mayBegin()) this.#continuation ??= setTimeout(() => this.#continue());
    if (this.isIdle) this.#options.idle();
  }

  /** Goes on in a later pass of the event loop, so that other connections are served in between. */
  #continue(): void {
    this.#continuation = undefined;
    this.resume();
  }

  #mayBegin(): boolean {
    if (this.#isRepeating) return false;
    return this.#repeats.size > 0 || (this.#messages.size > 0 && !this.#options.isFull());
  }

  /** Begins the repeat or message that has waited the longest; returns the size of the message that it read. */
  #beginNext(): number {
    const again = this.#repeats.take();
    if (again !== undefined) {
      this.#isRepeating = true;
      void whenSettled(again, () => {
        this.#isRepeating = false;
        if (this.isIdle) this.#options.idle();
        else this.resume();
      });
      return 0;
    }
    const data = this.#takeMessage();
    if (data === undefined) return 0;
    this.#options.resume(data);
    return data.length;
  }

  #sendWaiting(answer: Answer): void {
    if (answer.text.length > OPEN_BELOW_BYTES) {
      this.#handLarge(answer);
    } else {
      this.release(answer.text.length);
      this.#hand(answer);
    }
  }

  #takeMessage(): string | Uint8Array | undefined {
    const data = this.#messages.take();
    if (data !== undefined) this.release(data.length + WAITING_MESSAGE_OVERHEAD_UNITS);
    return data;
  }
}
