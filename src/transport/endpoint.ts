import { STATUS_CODE } from "@std/http/status";
import type { Accept } from "../rpc/connection.ts";
import { CLOSE } from "./close.ts";
import { within } from "./deadline.ts";
import { isUpgrade, type Refusal, refusalResponse, refuseUpgrade, upgradeRequired } from "./handshake.ts";
import type { TransportLog } from "./log.ts";
import { originPolicy } from "./origin.ts";
import { RefusalLog } from "./refusal_log.ts";
import { Refiller } from "./refill.ts";
import { TransportTally } from "./tally.ts";
import { RUNTIME_FRAME_BYTES, WebSocketConnection, type WebSocketLimits } from "./websocket.ts";
import { hostPort } from "../text/host_port.ts";

/** What `Deno.serve` tells about a request. */
export interface RequestInfo {
  /** Of the peer, or of the proxy in front of it. */
  readonly remoteAddr: Deno.Addr;
}

export interface EndpointOptions extends WebSocketLimits {
  /** geth's --ws.rpcprefix: empty, or a path that starts with `/`. */
  readonly prefix: string;
  /** geth's --ws.origins; empty for loopback pages only. */
  readonly origins: readonly string[];
  readonly maxConnections: number;
  readonly log: TransportLog;
  /** Answers what is no WebSocket upgrade; 426 without it. */
  readonly http?: ((request: Request, info: RequestInfo) => Response | Promise<Response>) | undefined;
}

/** WebSocket connections behind a fetch-style handler: what `Deno.serve`, `deno serve` and an embedding program mount. */
export interface Endpoint {
  readonly fetch: (request: Request, info: RequestInfo) => Response | Promise<Response>;
  /** Sockets that the runtime holds, those included that are being closed. */
  readonly connections: number;
  /** Bytes that wait for their peers. */
  readonly queuedBytes: number;
  /** How long the message that waits the longest has waited, milliseconds; 0 while every peer keeps up. */
  readonly lagMs: number;
  /** What was seen since the start. */
  readonly tally: TransportTally;
  /** Refuses newcomers, waits up to `graceMs` for running calls, answers the others with an error, closes every socket with 1001 and `reason`. */
  stop(options: { readonly graceMs: number; readonly reason?: string }): Promise<void>;
}

/** How long a peer may take to complete the closing handshake at the end. */
const CLOSE_HANDSHAKE_MS = 2_000;

/** Builds an {@link Endpoint}; `accept` is called for each socket that opens. */
export function createEndpoint(options: EndpointOptions, accept: Accept): Endpoint {
  return new WebSocketEndpoint(options, accept);
}

class WebSocketEndpoint implements Endpoint {
  readonly fetch = (request: Request, info: RequestInfo): Response | Promise<Response> => this.#fetch(request, info);
  readonly tally = new TransportTally();
  readonly #options: EndpointOptions;
  readonly #accept: Accept;
  readonly #rules;
  readonly #refiller = new Refiller();
  readonly #refusals: RefusalLog;
  readonly #open = new Set<WebSocketConnection>();
  #sweeper: ReturnType<typeof setInterval> | undefined;
  #stopping = false;
  #emptied: (() => void) | undefined;

  constructor(options: EndpointOptions, accept: Accept) {
    this.#options = options;
    this.#accept = accept;
    this.#refusals = new RefusalLog(options.log);
    const origins = originPolicy(options.origins);
    for (const { rule, reason } of origins.unusable) options.log.warn("Origin rule matches nothing", { rule, reason });
    if (options.maxMessageBytes > RUNTIME_FRAME_BYTES) {
      const limit = RUNTIME_FRAME_BYTES;
      options.log.warn("The runtime takes no larger frame; a larger message has to come in fragments", { limit });
    }
    this.#rules = { prefix: options.prefix, origins };
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
    const now = performance.now();
    let oldest = now;
    for (const { behindSince = now } of this.#open) oldest = Math.min(oldest, behindSince);
    return now - oldest;
  }

  async stop({ graceMs, reason = "server is shutting down" }: { graceMs: number; reason?: string }): Promise<void> {
    this.#stopping = true;
    const drains = [...this.#open].map((connection) => connection.drainHandler());
    await within(graceMs, Promise.allSettled(drains));
    for (const connection of this.#open) connection.cancelHandler();
    const empty = new Promise<void>((resolve) => this.#emptied = resolve);
    for (const connection of this.#open) connection.close(CLOSE.goingAway, reason);
    if (this.#open.size > 0) await within(CLOSE_HANDSHAKE_MS, empty);
    for (const connection of this.#open) connection.abandon(CLOSE.goingAway, reason);
    this.#stopSweeping();
    this.#refusals.close();
  }

  #fetch(request: Request, info: RequestInfo): Response | Promise<Response> {
    if (!isUpgrade(request)) {
      return this.#options.http?.(request, info) ?? refusalResponse(upgradeRequired(this.#options.prefix));
    }
    const refusal = refuseUpgrade(request, this.#rules) ?? this.#refuseForCapacity();
    if (refusal !== null) {
      this.#recordRefusal(refusal, info);
      return refusalResponse(refusal);
    }
    return this.#upgrade(request, info);
  }

  #upgrade(request: Request, info: RequestInfo): Response {
    // The request can no longer be read once it is upgraded (measured).
    const peer = { address: addressOf(info.remoteAddr), origin: request.headers.get("origin"), principal: null };
    const { idleTimeoutMs } = this.#options;
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: idleTimeoutMs / 1000 });
    const connection = new WebSocketConnection(socket, peer, {
      limits: this.#options,
      refiller: this.#refiller,
      log: this.#options.log,
      accept: this.#accept,
      gone: (ending) => {
        this.tally.closed(ending);
        this.#forget(connection);
      },
    });
    this.#open.add(connection);
    this.tally.opened += 1;
    if (idleTimeoutMs > 0) this.#sweeper ??= setInterval(() => this.#sweep(), idleTimeoutMs / 2);
    return response;
  }

  #refuseForCapacity(): Refusal | null {
    if (this.#stopping) return { status: STATUS_CODE.ServiceUnavailable, sentence: "the server is shutting down" };
    const { maxConnections } = this.#options;
    if (this.#open.size < maxConnections) return null;
    return {
      status: STATUS_CODE.ServiceUnavailable,
      sentence: `all ${maxConnections} connections are taken (--ws.max-connections); try again later`,
      headers: { "retry-after": "1" },
    };
  }

  #recordRefusal(refusal: Refusal, info: RequestInfo): void {
    const peer = addressOf(info.remoteAddr);
    const { log } = this.#options;
    if (refusal.origin !== undefined) {
      this.tally.refused.origin += 1;
      const fields = { origin: refusal.origin, peer, hint: refusal.flag };
      this.#refusals.warn({ kind: `origin ${refusal.origin}`, fields });
    } else if (refusal.status === STATUS_CODE.ServiceUnavailable) {
      this.tally.refused.capacity += 1;
      this.#refusals.warn({ kind: refusal.sentence, fields: { peer, reason: refusal.sentence } });
    } else {
      this.tally.refused.handshake += 1;
      log.debug("WebSocket upgrade failed", { peer, reason: refusal.sentence });
    }
  }

  #sweep(): void {
    for (const connection of this.#open) connection.sweep();
  }

  #forget(connection: WebSocketConnection): void {
    this.#open.delete(connection);
    if (this.#open.size > 0) return;
    this.#stopSweeping();
    this.#emptied?.();
  }

  #stopSweeping(): void {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

/** A peer's address as text: `host:port`, with brackets around IPv6. */
export function addressOf(address: Deno.Addr): string {
  if (address.transport !== "tcp" && address.transport !== "udp") return address.transport;
  return hostPort(address.hostname, address.port);
}
