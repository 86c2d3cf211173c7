import { type BlockEvent, type ChainEvent, type ChainEventSource, NO_PARTS, sameInterest } from "../events/mod.ts";
import type { Hash } from "../eth/types.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import { FanOut } from "./fan_out.ts";
import { InterestCount } from "./interest_count.ts";
import type { Subscriber } from "./subscriber.ts";

/** The block up to which the stream, or a subscriber, has got. */
export interface Position {
  readonly number: bigint;
  readonly hash: Hash;
}

export function positionOf(block: BlockEvent): Position {
  return { number: block.number, hash: block.hash };
}

export function parentOf(block: BlockEvent): Position {
  return { number: block.number - 1n, hash: block.parentHash };
}

/** The one ordered stream of chain events of the process: its position, and the subscribers of the events to come. */
export class Stream {
  readonly source: ChainEventSource;
  /** The subscribers that have got as far as the stream. */
  readonly live = new FanOut();
  readonly #wanted = new InterestCount();
  #announced = NO_PARTS;
  /** Pending while the source has not confirmed the last announcement. */
  #announcing: Promise<void> | undefined;
  #position: Position | null = null;
  #moves = 0;
  #removals = 0;
  #lastEventAt: number | null = null;
  readonly #stop: () => void;

  constructor(source: ChainEventSource) {
    this.source = source;
    this.#stop = source.onEvent((event) => this.#emit(event));
  }

  /** The block that the last event led to; null until {@link locate} or the first event. */
  get position(): Position | null {
    return this.#position;
  }

  /** How many times the position has changed: two equal values mean that it did not change in between. */
  get moves(): number {
    return this.#moves;
  }

  /** How many blocks have been abandoned so far. */
  get removals(): number {
    return this.#removals;
  }

  /** When the last event came, milliseconds of `performance.now()`. */
  get lastEventAt(): number | null {
    return this.#lastEventAt;
  }

  /**
   * Makes the source send what `subscriber` reads, from the event after the returned promise on, until the subscriber is
   * given to {@link unregister}.
   */
  register(subscriber: Subscriber): Awaitable<void> {
    this.#wanted.add(subscriber);
    try {
      return this.#announce()?.catch((cause) => this.#refused(subscriber, cause));
    } catch (cause) {
      return this.#refused(subscriber, cause);
    }
  }

  unregister(subscriber: Subscriber): void {
    this.#wanted.delete(subscriber);
    // A source that goes on sending what nobody reads does no harm.
    Promise.try(() => this.#announce()).catch(() => {});
  }

  /** Finds the position of the stream before its first event. */
  async locate(): Promise<Position | null> {
    if (this.#position !== null) return this.#position;
    const head = await this.source.blockEventAt(this.source.headNumber(), NO_PARTS);
    // An event that came meanwhile is newer.
    if (this.#position === null && head !== null) this.#position = positionOf(head);
    return this.#position;
  }

  close(): void {
    this.#stop();
  }

  #announce(): Promise<void> | undefined {
    const { interest } = this.#wanted;
    if (sameInterest(interest, this.#announced)) return this.#announcing;
    this.#announced = interest;
    const told = this.source.want(interest);
    if (!(told instanceof Promise)) return this.#announcing = undefined;
    const settled = () => {
      if (this.#announcing === told) this.#announcing = undefined;
    };
    told.then(settled, settled);
    return this.#announcing = told;
  }

  #refused(subscriber: Subscriber, cause: unknown): never {
    this.#wanted.delete(subscriber);
    // The next change is to ask again.
    this.#announced = NO_PARTS;
    throw cause;
  }

  #emit(event: ChainEvent): void {
    this.#lastEventAt = performance.now();
    if (event.kind !== "pending") {
      this.#moves++;
      this.#position = event.kind === "block" ? positionOf(event.block) : parentOf(event.block);
      if (event.kind === "removed") this.#removals++;
    }
    this.live.deliver(event);
  }
}
