import { RawJson } from "../rpc/raw_json.ts";
import type { Feed } from "./feed.ts";
import { quantity } from "../primitives/hex.ts";

const MS_PER_SECOND = 1000;

/** Everyone who wants a beat in one period. */
interface Pulse {
  readonly timer: ReturnType<typeof setInterval>;
  readonly readers: Set<(beat: RawJson) => void>;
}

/**
 * Regular signs of life that say where the chain is: a page in a browser cannot see pings, so it cannot tell a dead
 * connection from a chain that is quiet. Readers of one period share a timer, which exists while they do.
 */
export class Heartbeats {
  readonly #feed: Feed;
  readonly #pulses = new Map<number, Pulse>();

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** Calls `tell` at once and then at most `seconds` apart; the returned function ends that. */
  async subscribe(seconds: number, tell: (beat: RawJson) => void): Promise<() => void> {
    tell(await this.#beat());
    const pulse = this.#pulses.get(seconds) ?? this.#start(seconds);
    pulse.readers.add(tell);
    return () => {
      if (!pulse.readers.delete(tell) || pulse.readers.size > 0) return;
      clearInterval(pulse.timer);
      this.#pulses.delete(seconds);
    };
  }

  #start(seconds: number): Pulse {
    const readers = new Set<(beat: RawJson) => void>();
    const timer = setInterval(async () => {
      const beat = await this.#beat();
      for (const tell of readers) tell(beat);
    }, seconds * MS_PER_SECOND);
    const pulse = { timer, readers };
    this.#pulses.set(seconds, pulse);
    return pulse;
  }

  async #beat(): Promise<RawJson> {
    // A source that cannot be read is no reason to fall silent: the connection lives.
    const head = await this.#feed.head().catch(() => null);
    const time = quantity(Math.floor(Date.now() / MS_PER_SECOND));
    return RawJson.of({ number: head === null ? null : quantity(head.number), hash: head?.hash ?? null, time });
  }
}
