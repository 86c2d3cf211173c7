import { Acceptor, type Listening } from "../net/acceptor.ts";
import type { AcceptedConn } from "../net/byte_stream.ts";
import type { Clock } from "../../concurrency/clock.ts";
import { addressOf } from "../net/address.ts";
import { within } from "../net/deadline.ts";
import type { TransportLog } from "../net/log.ts";
import { RateLimitedWarnings } from "../net/rate_limited_warnings.ts";
import { repeat } from "../net/repeat.ts";
import { type Handler, HttpPeer, type PeerTimes } from "./peer.ts";

export interface HttpServerOptions {
  readonly listening: Listening<AcceptedConn>;
  readonly handler: Handler;
  readonly log: TransportLog;
  readonly clock: Clock;
  readonly times?: Partial<PeerTimes>;
  /** The most connections without a request; when there is one more, the oldest is closed. */
  readonly maxWaiting?: number;
  /** Encrypts the connections; absent for plain ones. */
  readonly tls?: TlsLayer | undefined;
}

/** What the server needs of `tls/`. */
export interface TlsLayer {
  /** Begins the handshake on a connection; the stream can be used at once. */
  secure(conn: AcceptedConn, onFault: (fault: "plain" | "tls", reason: string) => void): AcceptedConn;
}

/** Shorter than geth's 30 s (rpc.HTTPTimeouts), because a handshake is small and each unfinished one occupies a connection. */
const HEAD_MS = 10_000;
/** geth's rpc.HTTPTimeouts. */
const IDLE_MS = 120_000;
const WRITE_MS = 30_000;
const MAX_WAITING = 1024;
const SWEEP_MS = 1_000;

const REASONS = {
  late: "no request came in time",
  crowded: "too many connections have sent none: the oldest of them gave way",
} as const;

/** Clients that speak the wrong protocol, and the change that would help them. */
const MISMATCHES = {
  plain: { message: "A client without TLS came to a TLS port", hint: "connect with wss:// or https://" },
  tls: {
    message: "A TLS client came to a plain port",
    hint: "connect with ws:// or http://, or start with --tls.cert and --tls.key",
  },
} as const;

/**
 * An HTTP/1.1 server with bounded connections: those without a request are bounded in time and in number, and those with a
 * request are bounded by the handler's own limits.
 */
export class HttpServer {
  /** Resolves with the reason when the port is closed, and not by {@link close}. */
  readonly lost: Promise<unknown>;
  readonly #options: HttpServerOptions;
  readonly #times: PeerTimes;
  readonly #acceptor: Acceptor<AcceptedConn>;
  readonly #peers = new Set<HttpPeer>();
  /** Peers that have sent no request, in the order in which they began to wait. */
  readonly #waiting = new Set<HttpPeer>();
  readonly #warnings: RateLimitedWarnings;
  readonly #stopSweeping: () => void;
  #closed = false;
  #emptied: (() => void) | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#times = { headMs: HEAD_MS, idleMs: IDLE_MS, writeMs: WRITE_MS, ...options.times };
    this.#acceptor = new Acceptor({
      listening: options.listening,
      accepted: (conn) => this.#accepted(conn),
      relieve: () => this.#relieve(),
      log: options.log,
      clock: options.clock,
    });
    this.#warnings = new RateLimitedWarnings(options.log, options.clock);
    this.lost = this.#acceptor.lost;
    this.#stopSweeping = repeat(options.clock, { everyMs: SWEEP_MS, work: () => this.#sweep() });
  }

  /** The numbers of open connections that belong to HTTP, and of those that have sent no request. */
  get connections(): { readonly open: number; readonly waiting: number } {
    return { open: this.#peers.size, waiting: this.#waiting.size };
  }

  /**
   * Frees the port, closes the connections without a request, and waits up to `graceMs` for the others. One that is being
   * served longer than that goes on, and closes when it has been answered.
   */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const freed = this.#acceptor.close();
    this.#warnings.close();
    for (const peer of [...this.#peers]) peer.stop();
    if (this.#peers.size === 0) this.#stopSweeping();
    else await within(graceMs, new Promise<void>((resolve) => this.#emptied = resolve));
    await freed;
  }

  #accepted(conn: AcceptedConn): void {
    conn.setNoDelay?.(true);
    const { handler, clock, log, tls, maxWaiting = MAX_WAITING } = this.#options;
    if (this.#waiting.size >= maxWaiting) this.#closeOldest(1);
    const { remoteAddr } = conn;
    const stream = tls?.secure(conn, (fault, reason) => this.#tlsFault({ fault, reason, remoteAddr })) ?? conn;
    const peer = new HttpPeer(stream, {
      remoteAddr,
      handler,
      scheme: tls === undefined ? "http" : "https",
      onTls: () => this.#mismatch("tls", remoteAddr),
      times: this.#times,
      clock,
      log,
      waiting: (peer, waits) => waits ? this.#waiting.add(peer) : this.#waiting.delete(peer),
    });
    this.#peers.add(peer);
    peer.serve().finally(() => {
      this.#peers.delete(peer);
      if (this.#peers.size > 0 || !this.#closed) return;
      this.#stopSweeping();
      this.#emptied?.();
    });
  }

  #sweep(): void {
    for (const peer of [...this.#peers]) {
      if (!peer.isLate) continue;
      if (this.#waiting.has(peer)) this.#warn("late");
      peer.close();
    }
  }

  /** Closes connections without a request when the process may open no more files. */
  #relieve(): void {
    this.#closeOldest(Math.ceil(this.#waiting.size / 2));
  }

  #closeOldest(count: number): void {
    let left = count;
    for (const peer of [...this.#waiting]) {
      if (left-- <= 0) return;
      this.#warn("crowded");
      peer.close();
    }
  }

  #tlsFault({ fault, reason, remoteAddr }: { fault: "plain" | "tls"; reason: string; remoteAddr: Deno.Addr }): void {
    if (fault === "plain") return this.#mismatch("plain", remoteAddr);
    const fields = { peer: addressOf(remoteAddr), reason };
    this.#warnings.warn({ message: "TLS connection failed", kind: reason, fields });
  }

  #mismatch(kind: keyof typeof MISMATCHES, remoteAddr: Deno.Addr): void {
    const { message, hint } = MISMATCHES[kind];
    this.#warnings.warn({ message, kind: message, fields: { peer: addressOf(remoteAddr), hint } });
  }

  #warn(kind: keyof typeof REASONS): void {
    const fields = { reason: REASONS[kind] };
    this.#warnings.warn({ message: "Closed a connection without a request", kind, fields });
  }
}
