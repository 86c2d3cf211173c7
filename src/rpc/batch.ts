import { type TimeSlices, timeSlices } from "../concurrency/time_slices.ts";
import { CODE, RpcError } from "./error.ts";
import { SMALL_ANSWER_UNITS } from "./limits.ts";
import { answerText, failure, type Item, type Outcome, type Request } from "./message.ts";
import type { Awaitable } from "./awaitable.ts";

export interface BatchOptions {
  /** 0 is no limit. */
  maxResponseBytes: number;
  execute: (request: Request) => Awaitable<Outcome>;
  /** Asks for room for a large answer that must wait for those after it; an error when there is none. */
  keep: (units: number) => RpcError | undefined;
  /** Returns true when nobody waits for the answer any more. */
  cancelled: () => boolean;
  /** The scheduler that the batch shares with all long work; one of its own in tests. */
  slices?: TimeSlices;
}

/** Items that are run before the clock is read: reading it costs as much as a small call. */
const ITEMS_PER_LOOK = 8;

const INVALID_REQUEST = failure(new RpcError(CODE.invalidRequest, "invalid request"));
const TOO_LARGE = failure(new RpcError(CODE.responseTooLarge, "response too large"));

/**
 * Runs the items of a batch one after the other and joins the answers into one frame, in request order (geth's
 * rpc/handler.go `handleBatch`). Resolves with undefined when there is nothing to answer.
 */
export class Batch {
  readonly #items: readonly Item[];
  readonly #options: BatchOptions;
  readonly #slices: TimeSlices;
  readonly #answers: string[] = [];
  #next = 0;
  #responseBytes = 0;

  constructor(items: readonly Item[], options: BatchOptions) {
    this.#items = items;
    this.#options = options;
    this.#slices = options.slices ?? timeSlices;
  }

  /** Answers without a promise when every handler does. */
  run(): Awaitable<string | undefined> {
    const pending = this.#runUntilPending();
    return pending === undefined ? this.#frame() : this.#runOn(pending);
  }

  async #runOn(first: Promise<void>): Promise<string | undefined> {
    for (let pending: Promise<void> | undefined = first; pending !== undefined; pending = this.#runUntilPending()) {
      await pending;
      // A promise that is kept at once does not let the event loop turn.
      if (this.#slices.isOver) await this.#slices.pause();
    }
    return this.#frame();
  }

  #runUntilPending(): Promise<void> | undefined {
    while (this.#next < this.#items.length && !this.#options.cancelled()) {
      const item = this.#items[this.#next++];
      if (item === undefined || item.kind === "response") continue;
      if (this.#isFull()) {
        if (item.kind !== "notification") this.#answers.push(answerText(item.id, TOO_LARGE));
        continue;
      }
      if (item.kind === "invalid") {
        this.#add(item, INVALID_REQUEST);
        continue;
      }
      const outcome = this.#options.execute(item);
      if (outcome instanceof Promise) return outcome.then((settled) => this.#add(item, settled));
      this.#add(item, outcome);
      // A thousand signatures, each of them short, would hold the event loop for seconds.
      if (this.#next % ITEMS_PER_LOOK === 0 && this.#slices.isOver) return this.#slices.pause();
    }
    return undefined;
  }

  /** True when the answers exceed the limit. The call that exceeds it is answered; the calls after it are not run. */
  #isFull(): boolean {
    const { maxResponseBytes } = this.#options;
    return maxResponseBytes !== 0 && this.#responseBytes > maxResponseBytes;
  }

  /** Returns the frame that says of each call that its answer could not be kept; the calls have run. */
  refused(error: RpcError): string {
    const outcome = failure(error);
    const ids = this.#items.flatMap((item) => item.kind === "call" || item.kind === "invalid" ? [item.id] : []);
    return `[${ids.map((id) => answerText(id, outcome)).join(",")}]`;
  }

  /** Returns the frame for a batch that is cut short: the answers so far, and the error for each call without one. */
  interrupted(error: RpcError): string {
    const outcome = failure(error);
    // The item before the next one is the one that runs.
    const rest = this.#items.slice(Math.max(this.#next - 1, 0)).flatMap((item) =>
      item.kind === "call" || item.kind === "invalid" ? [answerText(item.id, outcome)] : []
    );
    const answers = [...this.#answers, ...rest];
    return answers.length === 0 ? "" : `[${answers.join(",")}]`;
  }

  #add(item: Item, settled: Outcome): void {
    if (item.kind === "notification") return;
    const refusal = settled.json.length > SMALL_ANSWER_UNITS ? this.#options.keep(settled.json.length) : undefined;
    const outcome = refusal === undefined ? settled : failure(refusal);
    // UTF-16 units: results are hex text, where a unit is a byte, and counting bytes would encode each one twice.
    this.#responseBytes += outcome.json.length;
    this.#answers.push(answerText("id" in item ? item.id : "null", outcome));
  }

  #frame(): string | undefined {
    return this.#answers.length === 0 ? undefined : `[${this.#answers.join(",")}]`;
  }
}
