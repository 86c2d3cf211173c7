import { STATUS_CODE } from "@std/http/status";
import type { Accept } from "../rpc/connection.ts";
import type { Principal } from "../rpc/principal.ts";
import type { Awaitable } from "../rpc/awaitable.ts";
import { TransportCounters } from "./counters.ts";
import {
  type Authorize,
  chosenProtocol,
  isUpgrade,
  type Refusal,
  refusalResponse,
  refuseUpgrade,
  upgradeRequired,
} from "./handshake.ts";
import type { Handler, RequestInfo } from "./http1/peer.ts";
import { addressOf } from "./net/address.ts";
import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import { within } from "./net/deadline.ts";
import type { TransportLog } from "./net/log.ts";
import { originPolicy } from "./origin.ts";
import { repeat } from "./net/repeat.ts";
import { RateLimitedWarnings } from "./net/rate_limited_warnings.ts";
import { BackpressurePoller } from "./websocket/backpressure_poller.ts";
import { CLOSE } from "./websocket/close.ts";
import { WebSocketConnection, type WebSocketLimits } from "./websocket/connection.ts";
import { ExcessBudget } from "./websocket/excess_budget.ts";
import { FrameSocket } from "./websocket/frame_socket.ts";
import type { MessageSocket } from "./websocket/message_socket.ts";
import { ReceiveBudget } from "./websocket/receive_budget.ts";
import { RUNTIME_FRAME_BYTES, RuntimeSocket } from "./websocket/runtime_socket.ts";

export interface EndpointOptions extends WebSocketLimits {
  /** geth's --ws.rpcprefix: empty, or a path that starts with `/`. */
  readonly prefix: string;
  /** geth's --ws.origins; empty for loopback pages only. */
  readonly origins: readonly string[];
  readonly maxConnections: number;
  readonly log: TransportLog;
  /** Decides who may connect; without it everybody may. */
  readonly authorize?: Authorize | undefined;
  /** Called for each Origin that is refused. */
  readonly refusedOrigin?: ((refusal: Refusal, from: { readonly address: string }) => void) | undefined;
  /** True where requests carry tokens: at the end of the path, or as a subprotocol. */
  readonly takesTokens?: boolean | undefined;
  /** Returns the address of the client behind a proxy; by default it is that of the peer. */
  readonly clientAddress?: ClientAddress | undefined;
  readonly clock?: Clock;
}

/** Tells where a request came from, with or without a port. */
export type ClientAddress = (request: Request, info: RequestInfo) => string;

/** WebSocket connections behind a fetch-style handler: for a port of this program, `deno serve`, or a host's `Deno.serve`. */
export interface Endpoint {
  readonly fetch: Handler;
  /** Sockets that are open or being closed. */
  readonly connections: number;
  /** Bytes that wait for their peers. */
  readonly queuedBytes: number;
  /** How long the message that waits the longest has waited, milliseconds; 0 while every peer keeps up. */
  readonly lagMs: number;
  /** The counters since the start. */
  readonly counters: TransportCounters;
  /**
   * Refuses new connections, ends the present ones as {@link Endpoint.stop} does, with `code` and `reason`, and resolves with
   * a function that lets new ones in again.
   */
  pause(options: { readonly graceMs: number; readonly code: number; readonly reason: string }): Promise<() => void>;
  /**
   * Refuses new connections, waits up to `graceMs` for running calls, answers the others with an error, and closes every
   * socket with 1001 and `reason`.
   */
  stop(options: { readonly graceMs: number; readonly reason?: string }): Promise<void>;
}

/** The time that a peer has to complete the closing handshake when the endpoint stops, milliseconds. */
const CLOSE_HANDSHAKE_MS = 2_000;

/** Builds an {@link Endpoint}; `accept` is called for each socket that opens. */
export function createEndpoint(options: EndpointOptions, accept: Accept): Endpoint {
  return new WebSocketEndpoint(options, accept);
}

const STOPPING: Refusal = { status: STATUS_CODE.ServiceUnavailable, sentence: "the server is shutting down" };

const PAUSED: Refusal = {
  status: STATUS_CODE.ServiceUnavailable,
  sentence: "the server is about to listen again; connect again",
  headers: { "retry-after": "1" },
};
/** The statuses of refusals that are counted as one; an Origin that is refused has a line of its own. */
const CREDENTIAL_STATUSES: readonly number[] = [STATUS_CODE.Unauthorized, STATUS_CODE.Forbidden];
const CAPACITY_STATUSES: readonly number[] = [STATUS_CODE.ServiceUnavailable, STATUS_CODE.TooManyRequests];

/** The source of an upgrade. */
interface Source {
  readonly info: RequestInfo;
  readonly address: string;
}

/** The least and the usual time between two checks of all connections, and the number of checks within one idle time. */
const MIN_SWEEP_MS = 10;
const SWEEP_MS = 5_000;
const SWEEPS_PER_IDLE_TIME = 4;

class WebSocketEndpoint implements Endpoint {
  readonly fetch: Handler = (request, info) => this.#fetch(request, info);
  readonly counters = new TransportCounters();
  readonly #options: EndpointOptions;
  readonly #clock: Clock;
  readonly #accept: Accept;
  readonly #rules;
  readonly #poller = new BackpressurePoller();
  readonly #excess = new ExcessBudget();
  readonly #received = new ReceiveBudget();
  readonly #warnings: RateLimitedWarnings;
  readonly #open = new Set<WebSocketConnection>();
  /** Upgrades whose principal is being decided. */
  #authorizing = 0;
  #stopSweeping: (() => void) | undefined;
  /** The reason why newcomers are refused. */
  #refusing: Refusal | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: EndpointOptions, accept: Accept) {
    this.#options = options;
    this.#accept = accept;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#warnings = new RateLimitedWarnings(options.log, this.#clock);
    const origins = originPolicy(options.origins);
    for (const { rule, reason } of origins.unusable) options.log.warn("Origin rule matches nothing", { rule, reason });
    if (options.maxMessageBytes > RUNTIME_FRAME_BYTES) {
      const limit = RUNTIME_FRAME_BYTES;
      options.log.warn("Deno.serve takes no larger frame; a larger message has to come in fragments", { limit });
    }
    this.#rules = { prefix: options.prefix, origins, tokenPaths: options.takesTokens === true };
  }

  get connections(): number {
    return this.#open.size;
  }

  get queuedBytes(): number {
    let sum = 0;
    for (const connection of this.#open) sum += connection.queuedBytes;
    return sum;
  }

  get lagMs(): number {
    const now = this.#clock.now();
    let oldest = now;
    for (const { behindSince = now } of this.#open) oldest = Math.min(oldest, behindSince);
    return now - oldest;
  }

  async stop({ graceMs, reason = "server is shutting down" }: { graceMs: number; reason?: string }): Promise<void> {
    this.#refusing = STOPPING;
    await this.#empty({ graceMs, code: CLOSE.goingAway, reason });
    this.#stopSweeping?.();
    this.#warnings.close();
  }

  async pause(ending: { graceMs: number; code: number; reason: string }): Promise<() => void> {
    this.#refusing ??= PAUSED;
    await this.#empty(ending);
    return () => {
      if (this.#refusing === PAUSED) this.#refusing = undefined;
    };
  }

  /** Lets running calls finish, and closes every connection. */
  async #empty({ graceMs, code, reason }: { graceMs: number; code: number; reason: string }): Promise<void> {
    const drains = [...this.#open].map((connection) => connection.drainHandler());
    await within(graceMs, Promise.allSettled(drains));
    for (const connection of this.#open) connection.cancelHandler();
    for (const connection of this.#open) connection.cancelHandler();
    const empty = new Promise<void>((resolve) => this.#emptied = resolve);
    for (const connection of this.#open) connection.close(code, reason);
    if (this.#open.size > 0) await within(CLOSE_HANDSHAKE_MS, empty);
    for (const connection of this.#open) connection.abandon(code, reason);
  }

  #fetch(request: Request, info: RequestInfo): Awaitable<Response> {
    if (!isUpgrade(request)) {
      return refusalResponse(upgradeRequired(this.#options.prefix, { secure: request.url.startsWith("https:") }));
    }
    const address = this.#options.clientAddress?.(request, info) ?? addressOf(info.remoteAddr);
    const from = { info, address };
    const refusal = refuseUpgrade(request, this.#rules) ?? this.#refuseForCapacity();
    if (refusal !== null) return this.#refuse(refusal, address);
    const { authorize } = this.#options;
    if (authorize === undefined) return this.#upgrade(request, { ...from, principal: null });
    const decision = authorize(request, { address });
    if (!(decision instanceof Promise)) return this.#decided(request, { ...from, decision });
    this.#authorizing += 1;
    return decision.then((decision) => this.#decided(request, { ...from, decision }))
      .finally(() => this.#authorizing -= 1);
  }

  #decided(request: Request, { decision, ...from }: Source & { decision: Principal | Refusal | null }): Response {
    if (decision !== null && "status" in decision) return this.#refuse(decision, from.address);
    if (this.#refusing !== undefined) return this.#refuse(this.#refusing, from.address);
    return this.#upgrade(request, { ...from, principal: decision });
  }

  #upgrade(request: Request, { info, address, principal }: Source & { principal: Principal | null }): Response {
    // A request of the runtime can no longer be read once it is upgraded (measured).
    const peer = { address, origin: request.headers.get("origin"), principal };
    const { socket, response } = this.#openSocket(request, info);
    const connection = new WebSocketConnection(socket, peer, {
      limits: this.#options,
      clock: this.#clock,
      excess: this.#excess,
      log: this.#options.log,
      warn: (message, fields) => this.#warnings.warn({ message, kind: String(fields["code"]), fields }),
      accept: this.#accept,
      gone: (ending) => {
        this.counters.closed(ending);
        this.#forget(connection);
      },
    });
    this.#open.add(connection);
    this.counters.opened += 1;
    this.#stopSweeping ??= repeat(this.#clock, { everyMs: this.#sweepMs, work: () => this.#sweep() });
    return response;
  }

  /** The response is the runtime's; a connection that was taken over from HTTP sends none. */
  #openSocket(request: Request, { takeOver }: RequestInfo): { socket: MessageSocket; response: Response } {
    const { idleTimeoutMs, maxMessageBytes } = this.#options;
    const protocol = this.#options.takesTokens === true ? chosenProtocol(request) : undefined;
    if (takeOver === undefined) {
      const { socket, response } = Deno.upgradeWebSocket(request, {
        idleTimeout: idleTimeoutMs / 1000,
        ...protocol === undefined ? {} : { protocol },
      });
      return { socket: new RuntimeSocket(socket, { poller: this.#poller }), response };
    }
    const { stream, received } = takeOver();
    const socket = new FrameSocket(stream, {
      received,
      key: request.headers.get("sec-websocket-key") ?? "",
      protocol,
      maxMessageBytes,
      idleTimeoutMs,
      budget: this.#received,
      clock: this.#clock,
    });
    return { socket, response: new Response(null) };
  }

  #refuseForCapacity(): Refusal | null {
    if (this.#refusing !== undefined) return this.#refusing;
    const { maxConnections } = this.#options;
    if (this.#open.size + this.#authorizing < maxConnections) return null;
    return {
      status: STATUS_CODE.ServiceUnavailable,
      sentence: `all ${maxConnections} connections are taken (--ws.max-connections); try again later`,
      headers: { "retry-after": "1" },
    };
  }

  #refuse(refusal: Refusal, peer: string): Response {
    const message = "Rejected WebSocket connection";
    if (refusal.origin !== undefined) {
      this.counters.refused.origin += 1;
      this.#options.refusedOrigin?.(refusal, { address: peer });
      const fields = { origin: refusal.origin, peer, hint: refusal.flag };
      this.#warnings.warn({ message, kind: `origin ${refusal.origin}`, fields });
    } else if (CREDENTIAL_STATUSES.includes(refusal.status)) {
      this.counters.refused.credentials += 1;
      this.#warnings.warn({ message, kind: refusal.sentence, fields: { peer, reason: refusal.sentence } });
    } else if (CAPACITY_STATUSES.includes(refusal.status)) {
      this.counters.refused.capacity += 1;
      this.#warnings.warn({ message, kind: refusal.sentence, fields: { peer, reason: refusal.sentence } });
    } else {
      this.counters.refused.handshake += 1;
      this.#options.log.debug("WebSocket upgrade failed", { peer, reason: refusal.sentence });
    }
    return refusalResponse(refusal);
  }

  get #sweepMs(): number {
    const { idleTimeoutMs } = this.#options;
    const wanted = idleTimeoutMs === 0 ? SWEEP_MS : idleTimeoutMs / SWEEPS_PER_IDLE_TIME;
    return Math.max(MIN_SWEEP_MS, Math.min(SWEEP_MS, wanted));
  }

  #sweep(): void {
    for (const connection of this.#open) connection.sweep();
  }

  #forget(connection: WebSocketConnection): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    this.#stopSweeping?.();
    this.#stopSweeping = undefined;
    this.#emptied?.();
  }
}
