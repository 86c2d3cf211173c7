import type { RawJson } from "../rpc/raw_json.ts";
import { RpcError } from "../rpc/error.ts";
import { UpstreamFailure } from "./failure.ts";
import type { Clock, Timer } from "../concurrency/clock.ts";

const SHORTEST_MS = 200;
const LONGEST_MS = 3_000;
/** The number of polls in the average time of one block. */
const POLLS_PER_BLOCK = 8;
/** The weight of one interval between two blocks in the average. */
const WEIGHT = 0.25;

/** The time until the next poll after a refusal that names no time, milliseconds. */
const BUSY_MS = 1_000;

interface PollListener {
  readonly onBlock: (json: RawJson) => void;
  readonly onError: (error: unknown) => void;
}

export interface HeadPollerOptions {
  /** Reads the latest block. */
  readonly read: () => Promise<RawJson>;
  readonly clock: Clock;
}

/** Polls for the latest block, at intervals that follow the time between blocks. */
export class HeadPoller {
  readonly #read: () => Promise<RawJson>;
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #stopped = false;
  #last: string | null = null;
  #changedAt: number | null = null;
  #blockTimeMs = LONGEST_MS * POLLS_PER_BLOCK / 2;

  constructor({ read, clock }: HeadPollerOptions) {
    this.#read = read;
    this.#clock = clock;
  }

  /** The time until the next poll, milliseconds. */
  get intervalMs(): number {
    return Math.min(Math.max(this.#blockTimeMs / POLLS_PER_BLOCK, SHORTEST_MS), LONGEST_MS);
  }

  start(onBlock: (json: RawJson) => void, onError: (error: unknown) => void): void {
    this.#poll(this.intervalMs, { onBlock, onError });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #poll(delayMs: number, listener: PollListener): void {
    const { onBlock, onError } = listener;
    this.#timer = this.#clock.setTimer(delayMs, async () => {
      let asked = 0;
      try {
        const json = await this.#read();
        if (this.#stopped) return;
        this.#learn(json.text);
        onBlock(json);
      } catch (error) {
        if (this.#stopped) return;
        // After a refusal the upstream is kept, and asked again when it says so; after a failure of the connection it is not.
        const isBusy = error instanceof UpstreamFailure && error.kind === "busy";
        if (!isBusy && !(error instanceof RpcError)) return onError(error);
        if (isBusy) asked = error.retryAfterMs ?? BUSY_MS;
      }
      this.#poll(Math.max(this.intervalMs, asked), listener);
    });
  }

  #learn(text: string): void {
    if (text === this.#last) return;
    const now = this.#clock.now();
    if (this.#changedAt !== null) this.#blockTimeMs += WEIGHT * (now - this.#changedAt - this.#blockTimeMs);
    this.#changedAt = now;
    this.#last = text;
  }
}
