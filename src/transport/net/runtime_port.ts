import { within } from "./deadline.ts";
import type { TransportLog } from "./log.ts";

type Server = Deno.HttpServer<Deno.NetAddr>;

export interface RuntimePortOptions {
  /** Binds the port, 0 for any; throws Deno's own error when it cannot. */
  readonly open: (port: number) => Server;
  /** Whether binding it again is still permitted: to try without would raise a prompt. */
  readonly permitted: (port: number) => boolean;
  readonly port: number;
  readonly log: TransportLog;
}

/** The pause before the first attempt to listen again; each further one is twice as long. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
/** Open for so long, the port is back; what befalls it later is another outage. */
const RECOVERY_MS = 10_000;
/** Someone else may have taken the port; a socket of ours that is still being closed is gone by then. */
const MAX_BUSY_TRIES = 5;
/** A port that this process has just closed is free after a few of these. */
const RESTART_PAUSE_MS = 5;
const MAX_RESTART_TRIES = 400;
/** How long a plain HTTP request may take to be answered when the port is closed. */
const HTTP_GRACE_MS = 1_000;

/**
 * A port of the runtime's server that goes on listening. `Deno.serve` closes its port for good when it fails to accept one connection, which it
 * does when the process may open no more files (measured); connections that are open live on. Other servers wait and
 * try again (Go's net/http `Server.Serve`), and so does this: it binds anew until that works.
 */
export class RuntimePort {
  /** Resolves with the reason when the port is closed for good, and not by {@link close}. */
  readonly lost: Promise<unknown>;
  readonly port: number;
  readonly #options: RuntimePortOptions;
  #lose: (cause: unknown) => void;
  #server: Server | undefined;
  /** Failed attempts of the present outage; undefined when there is none. */
  #attempts: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: RuntimePortOptions) {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.lost = promise;
    this.#lose = resolve;
    this.#options = options;
    const server = options.open(options.port);
    // An outage must not move the port that the system chose.
    this.port = server.addr.port;
    this.#watch(server);
  }

  /**
   * Closes the port with all its connections and binds it again, with what `open` does by then. Rejects when that fails:
   * then the port is closed until another call.
   */
  async restart(): Promise<void> {
    if (!this.#options.permitted(this.port)) throw new Deno.errors.NotCapable("listening again is not permitted");
    const before = this.#server;
    this.#server = undefined;
    clearTimeout(this.#timer);
    if (before !== undefined) await within(HTTP_GRACE_MS, before.shutdown());
    for (let tries = 1;; tries++) {
      if (this.#closed) return;
      try {
        return this.#watch(this.#options.open(this.port));
      } catch (cause) {
        // The system frees the port some milliseconds later (measured).
        if (!(cause instanceof Deno.errors.AddrInUse) || tries >= MAX_RESTART_TRIES) throw cause;
        await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
      }
    }
  }

  /** Frees the port, and ends what is left of its connections. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // It frees the port at once, and then waits for plain HTTP requests; aborting those as well throws (measured).
    if (this.#server !== undefined) await within(HTTP_GRACE_MS, this.#server.shutdown());
  }

  #watch(server: Server): void {
    this.#server = server;
    server.finished.catch((cause) => {
      if (this.#closed || this.#server !== server) return;
      this.#server = undefined;
      this.#retry(cause);
    });
  }

  #retry(cause: unknown): void {
    clearTimeout(this.#timer);
    if (this.#attempts === undefined) {
      this.#options.log.warn("Cannot accept connections, and tries again until it can", {
        port: this.port,
        reason: reasonOf(cause),
        open: "connections that are open stay",
      });
    }
    const attempts = this.#attempts ?? 0;
    this.#attempts = attempts + 1;
    this.#timer = setTimeout(() => this.#reopen(), Math.min(FIRST_PAUSE_MS * 2 ** attempts, MAX_PAUSE_MS));
  }

  #reopen(): void {
    try {
      if (!this.#options.permitted(this.port)) throw new Deno.errors.NotCapable("the permission was given back");
      this.#watch(this.#options.open(this.port));
      this.#timer = setTimeout(() => this.#recovered(), RECOVERY_MS);
    } catch (cause) {
      if (lasts(cause, this.#attempts ?? 0)) this.#lose(cause);
      else this.#retry(cause);
    }
  }

  #recovered(): void {
    this.#options.log.info("Accepts connections again", { port: this.port, attempts: this.#attempts });
    this.#attempts = undefined;
  }
}

/** True for a reason that no waiting mends. */
function lasts(cause: unknown, attempts: number): boolean {
  if (cause instanceof Deno.errors.AddrInUse) return attempts >= MAX_BUSY_TRIES;
  return cause instanceof Deno.errors.NotCapable || cause instanceof Deno.errors.PermissionDenied ||
    cause instanceof Deno.errors.AddrNotAvailable;
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split("\n", 1)[0] ?? "").replace(/^Error: /, "");
}
