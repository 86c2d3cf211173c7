import type { Connection } from "./connection.ts";
import { MAX_HELD_UNITS } from "./limits.ts";
import type { Log } from "./log.ts";
import { encode } from "./message.ts";
import type { Sink } from "./method.ts";
import type { KindCount } from "./subscription_counts.ts";

/** The close code that a transport uses for a reader that cannot keep up. */
const CLOSE_SLOW_CONSUMER = 4008;

/** RFC 6455 section 7.4.1: the server met a condition that it did not expect. */
const CLOSE_INTERNAL_ERROR = 1011;

/** A notification in wait of an answer, and its place among all that were ever held. */
interface Held {
  readonly place: number;
  readonly text: string;
}

let lastPlace = 0;

/** Where a feed writes to, from before the subscribe call is answered until the subscription ends. */
export class HeldSink implements Sink {
  readonly id: string;
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #prefix: string;
  readonly #count: KindCount | undefined;
  /** Calls of `ready` that the answer, room in the queue or the end will resolve. */
  readonly #waiting = new Set<() => void>();
  /** Notifications in wait of the answer; undefined once released. */
  #held: Held[] | undefined = [];
  #heldUnits = 0;
  #closed = false;

  constructor(
    connection: Connection,
    options: { id: string; namespace: string; log: Log; count?: KindCount | undefined },
  ) {
    const { id, namespace, log, count } = options;
    this.id = id;
    this.#connection = connection;
    this.#log = log;
    this.#count = count;
    const method = JSON.stringify(`${namespace}_subscription`);
    this.#prefix = `{"jsonrpc":"2.0","method":${method},"params":{"subscription":${JSON.stringify(id)},"result":`;
  }

  get closed(): boolean {
    return this.#closed;
  }

  notify(result: unknown): void {
    if (this.#closed) return;
    let text: string;
    try {
      text = `${this.#prefix}${encode(result)}}}`;
    } catch (cause) {
      // Leaving one out in silence would break the promise that a subscriber sees every event.
      this.#log.error("Notification cannot be encoded", { id: this.id, cause });
      this.#connection.close(CLOSE_INTERNAL_ERROR, "a notification could not be encoded");
      return;
    }
    if (this.#count !== undefined) this.#count.notifications += 1;
    if (this.#held === undefined) this.#connection.send(text);
    else this.#hold(this.#held, text);
  }

  async ready(): Promise<void> {
    if (this.#closed) return;
    // Not Promise.race with a promise that lives as long as the subscription: each race would leave a reaction on it.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    if (this.#held === undefined) this.#connection.drained().then(resolve);
    await promise;
    this.#waiting.delete(resolve);
  }

  fail(reason: string): void {
    if (this.#closed) return;
    this.end();
    this.#connection.close(CLOSE_SLOW_CONSUMER, reason);
  }

  /**
   * Sends what the sinks of one answer held, in the order in which their feeds wrote it, which may have a meaning across
   * subscriptions; from now on everything leaves at once.
   */
  static release(sinks: readonly HeldSink[]): void {
    const held = sinks.flatMap((sink) => (sink.#held ?? []).map((item) => ({ ...item, connection: sink.#connection })));
    for (const sink of sinks) sink.#held = undefined;
    for (const { connection, text } of held.sort((a, b) => a.place - b.place)) connection.send(text);
    for (const sink of sinks) {
      for (const resolve of sink.#waiting) sink.#connection.drained().then(resolve);
    }
  }

  end(): void {
    this.#closed = true;
    this.#held = undefined;
    for (const resolve of this.#waiting) resolve();
  }

  #hold(held: Held[], text: string): void {
    this.#heldUnits += text.length;
    if (this.#heldUnits <= MAX_HELD_UNITS) {
      held.push({ place: ++lastPlace, text });
      return;
    }
    this.end();
    this.#connection.close(CLOSE_SLOW_CONSUMER, `slow consumer: ${this.#heldUnits} bytes queued before the answer`);
  }
}
