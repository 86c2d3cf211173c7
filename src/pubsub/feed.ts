import type { ChainEventSource } from "../eth/types.ts";
import type { AudienceSize } from "./audience.ts";
import type { Outlet, Reader } from "./reader.ts";
import { PAGE_UNITS, Replay, type ResumableReader } from "./replay.ts";
import { locateResume, type ResumePoint } from "./resume.ts";
import { type Position, Stream } from "./stream.ts";
import { Turns } from "./turns.ts";

export interface ResumeOptions {
  readonly point: ResumePoint;
  readonly outlet: Outlet;
  /** The connection that pays for the replay, and among whose subscriptions the order of events holds. */
  readonly connection: number;
}

/** The part of a logger that this layer writes to. */
export interface FeedLog {
  warn(message: string, fields?: Record<string, unknown>): void;
}

export interface FeedOptions {
  readonly log: FeedLog;
  /** How much JSON a replay hands over before it waits for its client to take it, UTF-16 units. */
  readonly pageUnits?: number;
}

export interface FeedStats extends AudienceSize {
  /** Subscriptions that are being led through the past. */
  readonly replaying: number;
  /** When the last chain event came, milliseconds of `performance.now()`; null before the first. */
  readonly lastEventAt: number | null;
}

/** Chain events for everyone who asks: live, or from a block of the past on. */
export class Feed {
  readonly #stream: Stream;
  readonly #turns = new Turns();
  readonly #replays = new Map<number, Replay>();
  readonly #options: Required<FeedOptions>;

  constructor(source: ChainEventSource, options: FeedOptions) {
    this.#stream = new Stream(source);
    this.#options = { pageUnits: PAGE_UNITS, ...options };
  }

  get stats(): FeedStats {
    const replaying = [...this.#replays.values()].reduce((sum, replay) => sum + replay.size, 0);
    return { ...this.#stream.live.size, replaying, lastEventAt: this.#stream.lastEventAt };
  }

  /** The block of the last event. */
  head(): Promise<Position | null> {
    return this.#stream.locate();
  }

  /** Tells `reader` of every event from now on; the returned function ends that. */
  subscribe(reader: Reader): () => void {
    const { live, position, source } = this.#stream;
    if (reader.kind === "logs") reader.floor = position?.number ?? source.headNumber();
    live.add(reader);
    return () => live.delete(reader);
  }

  /**
   * Tells `reader` what happened since a block of the past and then goes on live, as if it had been live all the time.
   * Rejects when the kept history does not reach that far.
   */
  async resume(reader: ResumableReader, { point, outlet, connection }: ResumeOptions): Promise<() => void> {
    const start = await locateResume(point, this.#stream);
    let replay = this.#replays.get(connection);
    if (replay === undefined) this.#replays.set(connection, replay = this.#newReplay(connection));
    replay.add(reader, { start, outlet });
    return () => {
      replay.delete(reader);
      this.#stream.live.delete(reader);
    };
  }

  /** Stops listening to the chain. */
  close(): void {
    this.#stream.close();
  }

  #newReplay(connection: number): Replay {
    return new Replay({
      stream: this.#stream,
      pageUnits: this.#options.pageUnits,
      turns: this.#turns,
      finished: () => this.#replays.delete(connection),
      lost: (outlet, cause) => {
        const reason = cause === undefined
          ? "history that this subscription still had to be told is not kept any more"
          : "history that this subscription still had to be told could not be read";
        this.#options.log.warn("Replay given up", { connection, reason, ...(cause === undefined ? {} : { cause }) });
        outlet.fail(reason);
      },
    });
  }
}
