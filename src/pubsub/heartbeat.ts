import { RawJson } from "../rpc/raw_json.ts";
import type { Feed } from "./feed.ts";
import { quantity } from "../primitives/hex.ts";

const MS_PER_SECOND = 1000;

/** The subscribers to heartbeats of one period, and their timer. */
interface Pulse {
  readonly timer: ReturnType<typeof setInterval>;
  readonly subscribers: Set<(beat: RawJson) => void>;
}

/**
 * Regular notifications of the head and the time. A page in a browser cannot see pings, so without heartbeats it cannot
 * distinguish a dead connection from a quiet chain. Subscribers of one period share a timer.
 */
export class Heartbeats {
  readonly #feed: Feed;
  readonly #pulses = new Map<number, Pulse>();

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** Calls `notify` at once, and then every `seconds`; the returned function ends that. */
  async subscribe(seconds: number, notify: (beat: RawJson) => void): Promise<() => void> {
    notify(await this.#beat());
    const pulse = this.#pulses.get(seconds) ?? this.#start(seconds);
    pulse.subscribers.add(notify);
    return () => {
      if (!pulse.subscribers.delete(notify) || pulse.subscribers.size > 0) return;
      clearInterval(pulse.timer);
      this.#pulses.delete(seconds);
    };
  }

  #start(seconds: number): Pulse {
    const subscribers = new Set<(beat: RawJson) => void>();
    const timer = setInterval(async () => {
      const beat = await this.#beat();
      for (const notify of subscribers) notify(beat);
    }, seconds * MS_PER_SECOND);
    const pulse = { timer, subscribers };
    this.#pulses.set(seconds, pulse);
    return pulse;
  }

  async #beat(): Promise<RawJson> {
    // The connection works even when the source cannot be read, so the beat goes out without a block.
    const head = await this.#feed.head().catch(() => null);
    const time = quantity(Math.floor(Date.now() / MS_PER_SECOND));
    return RawJson.of({ number: head === null ? null : quantity(head.number), hash: head?.hash ?? null, time });
  }
}
