import type { BlockEvent, ChainEvent, ChainEventSource, Hash } from "../eth/types.ts";
import { Audience } from "./audience.ts";

/** A block that the stream, or a reader, stands at. */
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

/** The one ordered stream of chain events of the process: where it stands, and who is told of what comes next. */
export class Stream {
  readonly source: ChainEventSource;
  /** The readers that stand where the stream stands. */
  readonly live = new Audience();
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

  /** How many times the position changed so far: whoever remembers it can tell whether it did since. */
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

  /** Finds out where the stream stands before its first event. */
  async locate(): Promise<Position | null> {
    if (this.#position !== null) return this.#position;
    const head = await this.source.blockEventAt(this.source.headNumber());
    // An event that came meanwhile knows better.
    if (this.#position === null && head !== null) this.#position = positionOf(head);
    return this.#position;
  }

  close(): void {
    this.#stop();
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
