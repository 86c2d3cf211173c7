import { type BlockEvent, type ChainEvent, removedLog } from "../events/mod.ts";
import { LogSubscribers } from "./log_subscribers.ts";
import { ReceiptSubscribers } from "./receipt_subscribers.ts";
import type { HeadSubscriber, LogSubscriber, PendingSubscriber, Subscriber } from "./subscriber.ts";

/** The number of subscribers of each kind. */
export interface SubscriberCounts {
  readonly heads: number;
  readonly logs: number;
  readonly receipts: number;
  readonly pending: number;
}

/**
 * The subscribers that stand at one position of the stream and receive its next event together. The order is the same on
 * every connection: the header, each log by index, the receipts; of an abandoned block its logs, last first.
 */
export class FanOut {
  readonly #heads = new Set<HeadSubscriber>();
  readonly #logs = new LogSubscribers();
  readonly #receipts = new ReceiptSubscribers();
  readonly #pending = new Set<PendingSubscriber>();

  get counts(): SubscriberCounts {
    return {
      heads: this.#heads.size,
      logs: this.#logs.size,
      receipts: this.#receipts.size,
      pending: this.#pending.size,
    };
  }

  add(subscriber: Subscriber): void {
    switch (subscriber.kind) {
      case "heads":
        this.#heads.add(subscriber);
        break;
      case "logs":
        this.#logs.add(subscriber);
        break;
      case "receipts":
        this.#receipts.add(subscriber);
        break;
      case "pending":
        this.#pending.add(subscriber);
        break;
    }
  }

  delete(subscriber: Subscriber): boolean {
    switch (subscriber.kind) {
      case "heads":
        return this.#heads.delete(subscriber);
      case "logs":
        return this.#logs.delete(subscriber);
      case "receipts":
        return this.#receipts.delete(subscriber);
      case "pending":
        return this.#pending.delete(subscriber);
    }
  }

  /** Delivers a whole event. */
  deliver(event: ChainEvent): void {
    const steps = this.deliverInSteps(event);
    while (!steps.next().done);
  }

  /** Delivers an event one piece at a time; yields how much JSON each piece handed to subscribers, in UTF-16 units. */
  *deliverInSteps(event: ChainEvent): Generator<number, void> {
    switch (event.kind) {
      case "pending":
        for (const subscriber of this.#pending) subscriber.notify(event.transaction);
        return;
      case "block":
        yield this.#deliverHeader(event.block);
        yield* this.#deliverLogs(event.block);
        if (this.#receipts.size > 0) this.#receipts.deliver(part(event.block.receipts, "receipts"));
        return;
      case "removed":
        yield* this.#deliverRemovals(event.block);
        return;
    }
  }

  #deliverHeader(block: BlockEvent): number {
    if (this.#heads.size === 0) return 0;
    for (const subscriber of this.#heads) subscriber.notify(block);
    return this.#heads.size * (block.header?.text.length ?? block.hash.length);
  }

  *#deliverLogs(block: BlockEvent): Generator<number, void> {
    if (this.#logs.size === 0) return;
    const place = { block: block.number, removed: false };
    for (const log of part(block.logs, "logs")) {
      let units = 0;
      this.#logs.forEachMatch(log, (subscriber) => {
        if (!inRange(subscriber, block.number)) return;
        units += log.json.text.length;
        subscriber.notify(log.json, place);
      });
      yield units;
    }
  }

  *#deliverRemovals(block: BlockEvent): Generator<number, void> {
    if (this.#logs.size === 0) return;
    const place = { block: block.number, removed: true };
    for (const log of part(block.logs, "logs").toReversed()) {
      let units = 0;
      let json = null;
      this.#logs.forEachMatch(log, (subscriber) => {
        if (subscriber.deliveredAbove >= block.number || !inRange(subscriber, block.number)) return;
        json ??= removedLog(log);
        units += json.text.length;
        subscriber.notify(json, place);
      });
      yield units;
    }
    for (const subscriber of this.#logs) {
      if (subscriber.deliveredAbove >= block.number) subscriber.deliveredAbove = block.number - 1n;
    }
  }
}

/** A source that leaves out what it was told to send is broken: nothing of that part would reach its subscribers. */
function part<T>(value: T | null, name: string): T {
  if (value === null) throw new Error(`the source of events left out the ${name} of a block`);
  return value;
}

function inRange(subscriber: LogSubscriber, number: bigint): boolean {
  return (subscriber.fromBlock === null || subscriber.fromBlock <= number) &&
    (subscriber.toBlock === null || subscriber.toBlock >= number);
}
