import type { ChainEventSource } from "../events/mod.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import type { SubscriberCounts } from "./fan_out.ts";
import { criteriaBytes } from "./criteria_bytes.ts";
import { MemoryBudget, type MemoryLimits } from "./memory_budget.ts";
import { PAGE_UNITS, Replay, type ResumableSubscriber } from "./replay.ts";
import { locateResume, type ResumePoint } from "./resume.ts";
import { type Position, Stream } from "./stream.ts";
import type { Outlet, Subscriber } from "./subscriber.ts";
import { type TimeSlices, timeSlices } from "../concurrency/time_slices.ts";

export interface ResumeOptions {
  readonly point: ResumePoint;
  readonly outlet: Outlet;
  /** The connection of the subscription. Replays of one connection share its queue and keep one order of events. */
  readonly connection: number;
}

/** The part of a logger that this layer writes to. */
export interface FeedLog {
  warn(message: string, fields?: Record<string, unknown>): void;
}

export interface FeedOptions {
  readonly log: FeedLog;
  /** The memory that subscriptions and filters may take for what they name. */
  readonly criteria?: MemoryLimits;
  /** The amount of JSON that a replay hands over before it waits for its client, UTF-16 units. */
  readonly pageUnits?: number;
  /** The scheduler that replays share the event loop by; this process's when absent. */
  readonly slices?: TimeSlices;
}

const MIB = 2 ** 20;
/** 87,000 addresses, topics or hashes on each connection, and 700,000 in all. */
const DEFAULT_CRITERIA: MemoryLimits = { perConnection: 32 * MIB, total: 256 * MIB };

export interface FeedStats extends SubscriberCounts {
  /** Subscriptions that receive events of the past. */
  readonly replaying: number;
  /** The time of the last chain event, milliseconds of `performance.now()`; null before the first. */
  readonly lastEventAt: number | null;
}

/** Chain events for subscribers: live, or from a block of the past on. */
export class Feed {
  readonly #stream: Stream;
  readonly #replays = new Map<number, Replay>();
  readonly #subscribers = new Set<Subscriber>();
  readonly #criteria: MemoryBudget;
  readonly #options: Required<FeedOptions>;

  constructor(source: ChainEventSource, options: FeedOptions) {
    this.#stream = new Stream(source);
    this.#options = { pageUnits: PAGE_UNITS, slices: timeSlices, criteria: DEFAULT_CRITERIA, ...options };
    this.#criteria = new MemoryBudget({ ...this.#options.criteria, what: "addresses, topics and hashes" });
  }

  get stats(): FeedStats {
    const replaying = [...this.#replays.values()].reduce((sum, replay) => sum + replay.size, 0);
    return { ...this.#stream.live.counts, replaying, lastEventAt: this.#stream.lastEventAt };
  }

  /** The block of the last event. */
  head(): Promise<Position | null> {
    return this.#stream.locate();
  }

  /** The number of the block of the last event. */
  get headNumber(): bigint {
    return this.#stream.position?.number ?? this.#stream.source.headNumber();
  }

  /**
   * Counts the memory of what a subscriber names as its connection's; the returned function gives it back. Throws -32005
   * beyond a limit.
   */
  takeCriteria(subscriber: Subscriber, connection: number): () => void {
    return this.#criteria.take(connection, criteriaBytes(subscriber));
  }

  /** Notifies `subscriber` of every event from now on; the returned function ends that. */
  subscribe(subscriber: Subscriber): Awaitable<() => void> {
    const ready = this.#stream.register(subscriber);
    return ready instanceof Promise ? ready.then(() => this.#join(subscriber)) : this.#join(subscriber);
  }

  #join(subscriber: Subscriber): () => void {
    const { live } = this.#stream;
    if (subscriber.kind === "logs") subscriber.deliveredAbove = this.headNumber;
    live.add(subscriber);
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
      live.delete(subscriber);
      this.#stream.unregister(subscriber);
    };
  }

  /**
   * Notifies `subscriber` of what happened since a block of the past, and then of every event from now on, as if it had
   * been live all the time. Rejects when the kept history does not reach that far.
   */
  async resume(subscriber: ResumableSubscriber, { point, outlet, connection }: ResumeOptions): Promise<() => void> {
    const start = await locateResume(point, { stream: this.#stream, kind: subscriber.kind });
    await this.#stream.register(subscriber);
    let replay = this.#replays.get(connection);
    if (replay === undefined) this.#replays.set(connection, replay = this.#newReplay(connection));
    replay.add(subscriber, { start, outlet });
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
      replay.delete(subscriber);
      this.#stream.live.delete(subscriber);
      this.#stream.unregister(subscriber);
    };
  }

  /** Ends every subscription with its connection: the events that follow do not join those that were delivered. */
  fail(reason: string): void {
    for (const { lost } of [...this.#subscribers]) lost?.(reason);
  }

  /** Stops listening to the chain. */
  close(): void {
    this.#stream.close();
  }

  #newReplay(connection: number): Replay {
    return new Replay({
      stream: this.#stream,
      pageUnits: this.#options.pageUnits,
      slices: this.#options.slices,
      finished: () => this.#replays.delete(connection),
      lost: (outlet, cause) => {
        const reason = cause === undefined
          ? "the history that this subscription still needs is no longer kept"
          : "the history that this subscription still needs could not be read";
        this.#options.log.warn("Replay given up", { connection, reason, ...(cause === undefined ? {} : { cause }) });
        outlet.fail(reason);
      },
    });
  }
}
