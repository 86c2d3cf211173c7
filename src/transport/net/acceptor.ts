import { type Clock, SYSTEM_CLOCK } from "../../concurrency/clock.ts";
import type { TransportLog } from "./log.ts";

/** The part of a `Deno.Listener` that is used. */
export interface Listening<Conn> {
  accept(): Promise<Conn>;
  close(): void;
}

export interface AcceptorOptions<Conn> {
  readonly listening: Listening<Conn>;
  readonly accepted: (conn: Conn) => void;
  /** Called when the system has no file descriptor for a further connection; closes some that can be spared. */
  readonly relieve: () => void;
  readonly log: TransportLog;
  readonly clock?: Clock;
}

const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 1_000;
/** An outage is over when nothing has failed for so long; until then it is one and has one line in the log. */
const RECOVERY_MS = 10_000;

/**
 * Accepts connections for as long as its socket is open. When the system refuses one (the process may open no more files),
 * it waits and tries again, as Go's net/http `Server.Serve` does: the socket stays bound, so no permission is needed.
 * `Deno.serve` would close its socket for good in that case, and `node:net` would stop accepting (measured).
 */
export class Acceptor<Conn> {
  /** Resolves with the reason when the socket is closed, and not by {@link close}. */
  readonly lost: Promise<unknown>;
  readonly #options: AcceptorOptions<Conn>;
  readonly #clock: Clock;
  #pauseMs = 0;
  /** The time of the last failure of the present outage; undefined when there is none. */
  #failedAt: number | undefined;
  #closed = false;
  #wake: () => void = () => {};
  readonly #ended: Promise<unknown>;

  constructor(options: AcceptorOptions<Conn>) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.lost = promise;
    this.#ended = this.#run();
    this.#ended.then((cause) => {
      if (!this.#closed) resolve(cause);
    });
  }

  /** Resolves when the port is free; connections that are open stay. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#wake();
      this.#options.listening.close();
    }
    // The system frees the port when the last attempt to accept has ended.
    await this.#ended;
  }

  /** Accepts until that has become impossible, and returns why. */
  async #run(): Promise<unknown> {
    for (;;) {
      let conn: Conn;
      try {
        conn = await this.#options.listening.accept();
      } catch (cause) {
        if (this.#closed || cause instanceof Deno.errors.BadResource) return cause;
        // The peer left while it waited to be accepted.
        if (cause instanceof Deno.errors.ConnectionAborted || cause instanceof Deno.errors.ConnectionReset) continue;
        await this.#pause(cause);
        continue;
      }
      this.#pauseMs = 0;
      if (this.#failedAt !== undefined) this.#recover(this.#failedAt);
      this.#options.accepted(conn);
    }
  }

  async #pause(cause: unknown): Promise<void> {
    if (this.#failedAt === undefined) {
      this.#options.log.warn("Cannot accept connections, and tries again until it can", {
        reason: reasonOf(cause),
        open: "connections that are open stay",
      });
    }
    this.#failedAt = this.#clock.now();
    this.#options.relieve();
    this.#pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2), MAX_PAUSE_MS);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(this.#pauseMs, resolve);
    this.#wake = () => {
      timer.cancel();
      resolve();
    };
    await promise;
  }

  #recover(failedAt: number): void {
    if (this.#clock.now() - failedAt < RECOVERY_MS) return;
    this.#failedAt = undefined;
    this.#options.log.info("Accepts connections again");
  }
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split("\n", 1)[0] ?? "").replace(/^Error: /, "");
}
