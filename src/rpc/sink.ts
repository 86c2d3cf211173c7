import type { Around, Connection } from "./connection.ts";
import { MAX_BUFFERED_UNITS } from "./limits.ts";
import type { Log } from "./log.ts";
import { encode } from "./message.ts";
import type { Sink } from "./method.ts";
import type { KindCount } from "./subscription_counts.ts";

/** The close code that a transport uses for a reader that cannot keep up. */
const CLOSE_SLOW_CONSUMER = 4008;

/** RFC 6455 section 7.4.1: the server met a condition that it did not expect. */
const CLOSE_INTERNAL_ERROR = 1011;

/** A notification that waits for an answer, and its place in the order of all notifications that were ever buffered. */
interface Buffered {
  readonly place: number;
  readonly text: string;
}

let lastPlace = 0;

/** Sends the notifications of one subscription; until the subscribe call is answered, it buffers them. */
export class BufferedSink implements Sink {
  readonly id: string;
  readonly #connection: Connection;
  readonly #log: Log;
  readonly #around: Around;
  readonly #count: KindCount | undefined;
  /** Calls of `ready` that wait for the answer, for room in the queue, or for the end. */
  readonly #waiting = new Set<() => void>();
  /** Notifications that wait for the answer; undefined once released. */
  #buffered: Buffered[] | undefined = [];
  #bufferedUnits = 0;
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
    const head = `{"jsonrpc":"2.0","method":${method},"params":{"subscription":${JSON.stringify(id)},"result":`;
    this.#around = { head, tail: "}}" };
  }

  get closed(): boolean {
    return this.#closed;
  }

  notify(result: unknown): void {
    if (this.#closed) return;
    let body: string;
    try {
      body = encode(result);
    } catch (cause) {
      // A subscriber must never miss an event without notice.
      this.#log.error("Notification cannot be encoded", { id: this.id, cause });
      this.#connection.close(CLOSE_INTERNAL_ERROR, "a notification could not be encoded");
      return;
    }
    if (this.#count !== undefined) this.#count.notifications += 1;
    const { head, tail } = this.#around;
    if (this.#buffered !== undefined) this.#buffer(this.#buffered, head + body + tail);
    else if (this.#connection.sendShared === undefined) this.#connection.send(head + body + tail);
    else this.#connection.sendShared(body, this.#around);
  }

  async ready(): Promise<void> {
    if (this.#closed) return;
    // Not Promise.race with a promise that lives as long as the subscription: each race would leave a reaction on it.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    if (this.#buffered === undefined) this.#connection.drained().then(resolve);
    await promise;
    this.#waiting.delete(resolve);
  }

  fail(reason: string): void {
    if (this.#closed) return;
    this.end();
    this.#connection.close(CLOSE_SLOW_CONSUMER, reason);
  }

  /**
   * Sends the buffered notifications of the sinks of one answer in the order in which they were written, because the order
   * between subscriptions may matter. Later notifications are sent at once.
   */
  static release(sinks: readonly BufferedSink[]): void {
    const buffered = sinks.flatMap((sink) =>
      (sink.#buffered ?? []).map((item) => ({ ...item, connection: sink.#connection }))
    );
    for (const sink of sinks) sink.#buffered = undefined;
    for (const { connection, text } of buffered.sort((a, b) => a.place - b.place)) connection.send(text);
    for (const sink of sinks) {
      for (const resolve of sink.#waiting) sink.#connection.drained().then(resolve);
    }
  }

  end(): void {
    this.#closed = true;
    this.#buffered = undefined;
    for (const resolve of this.#waiting) resolve();
  }

  #buffer(buffered: Buffered[], text: string): void {
    this.#bufferedUnits += text.length;
    if (this.#bufferedUnits <= MAX_BUFFERED_UNITS) {
      buffered.push({ place: ++lastPlace, text });
      return;
    }
    this.end();
    this.#connection.close(CLOSE_SLOW_CONSUMER, `slow consumer: ${this.#bufferedUnits} bytes queued before the answer`);
  }
}
