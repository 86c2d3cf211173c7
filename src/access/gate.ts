import { STATUS_CODE } from "@std/http/status";
import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import { then } from "../rpc/awaitable.ts";
import type { Connection, ConnectionHandler } from "../rpc/connection.ts";
import type { Layer } from "../rpc/layer.ts";
import type { SubscriptionQuota } from "../rpc/mod.ts";
import type { Principal } from "../rpc/principal.ts";
import { type Authorize, type ClientAddress, CLOSE, type Refusal } from "../transport/mod.ts";
import type { Audit } from "./audit.ts";
import { createAuthorizer } from "./authorizer.ts";
import type { Cidr } from "./cidr.ts";
import { clientAddressOf } from "./client_address.ts";
import type { Credential } from "./credential.ts";
import { Limiter, type LimitRules, tooManyConnections } from "./limiter.ts";
import type { MeterSample } from "./meters.ts";
import { Sessions } from "./sessions.ts";

/** An endpoint that the gate stands in front of. */
export type EndpointName = "ws" | "http";

/** What the flags say about clients. */
export interface GateOptions {
  /** The credentials of each endpoint, in the order in which they are asked; none for an endpoint that is open. */
  readonly credentials: Readonly<Record<EndpointName, readonly Credential[]>>;
  readonly limits: LimitRules;
  /** The proxies whose word about the client counts. */
  readonly trustedProxies: readonly Cidr[];
  /** Undefined where nothing is audited. */
  readonly audit?: Audit | undefined;
  readonly clock?: Clock;
}

/** What goes around the calls of one connection. */
export interface Around {
  readonly layers: readonly Layer[];
  readonly subscriptionQuota: SubscriptionQuota;
  readonly onFault: () => void;
}

/** Makes the handler of a connection from what goes around its calls. */
export type MakeHandler = (connection: Connection, around: Around) => ConnectionHandler;

/** Everything about who may come in and how much they may ask for, for the endpoints of one service. */
export class Gate {
  /** Finds the client behind a proxy; undefined where no proxy is trusted. */
  readonly clientAddress: ClientAddress | undefined;
  readonly #options: GateOptions;
  readonly #limiter: Limiter;
  readonly #sessions: Sessions;

  constructor(options: GateOptions) {
    const { limits, trustedProxies, clock = SYSTEM_CLOCK } = options;
    this.#options = options;
    this.#limiter = new Limiter(limits, { clock });
    this.#sessions = new Sessions({ clock });
    this.clientAddress = trustedProxies.length === 0 ? undefined : clientAddressOf(trustedProxies);
  }

  /** What each principal has open, and how many of its calls were admitted and refused. */
  get samples(): readonly MeterSample[] {
    return this.#limiter.meters.samples;
  }

  /** Returns true where an endpoint asks for keys or tokens. */
  takesTokens(endpoint: EndpointName): boolean {
    return this.#options.credentials[endpoint].length > 0;
  }

  /** Returns the decision about the requests of an endpoint; undefined where everybody may come in at any rate. */
  authorize(endpoint: EndpointName): Authorize | undefined {
    const credentials = this.#options.credentials[endpoint];
    if (credentials.length === 0 && this.#options.limits.address === undefined) return undefined;
    const identify = credentials.length === 0 ? () => null : createAuthorizer(credentials);
    const isHandshake = endpoint === "ws";
    const decide: Authorize = (request, asked) => {
      const wait = this.#limiter.addressWaitMs(asked.address, { isHandshake });
      if (wait > 0) return tooMany("too many requests from this address", wait);
      const decision = identify(request, asked);
      return isHandshake ? then(decision, (settled) => this.#refuseFull(settled)) : decision;
    };
    const { audit } = this.#options;
    return audit === undefined ? decide : audited(decide, { audit, via: endpoint });
  }

  /** Serves a connection for as long as its credential is valid, within its limits. */
  serve(connection: Connection, make: MakeHandler): ConnectionHandler {
    const { audit } = this.#options;
    if (audit !== undefined && connection.canSubscribe !== false) connection = closingAudited(connection, audit);
    const limits = this.#limiter.limitsOf(connection);
    const { layer, fault: onFault } = limits;
    const layers = audit === undefined ? [layer] : [audit.layerFor(connection), layer];
    const handler = limits.incoming(make(limits.outgoing(), { layers, subscriptionQuota: limits, onFault }));
    return connection.canSubscribe === false ? handler : this.#watched(connection, handler);
  }

  /** Writes that an Origin was refused, which is decided before anybody asks here. */
  readonly refusedOrigin = ({ status, origin }: Refusal, { address }: { readonly address: string }): void => {
    this.#options.audit?.refused({ status, sentence: "origin" }, { address, origin: origin ?? null, via: "ws" });
  };

  /** Closes the connections whose credentials are no longer valid. */
  recheck(): void {
    const { ws, http } = this.#options.credentials;
    const all = [...ws, ...http];
    this.#sessions.recheck((principal) => all.some((credential) => credential.hasRevoked?.(principal) === true));
  }

  #watched(connection: Connection, handler: ConnectionHandler): ConnectionHandler {
    const { principal } = connection.peer;
    const uncount = this.#limiter.count(connection);
    const end = principal === null ? undefined : this.#sessions.open(connection, principal);
    return {
      message: (data) => handler.message(data),
      drain: () => handler.drain(),
      cancel: () => handler.cancel(),
      closed() {
        end?.();
        uncount();
        handler.closed();
      },
    };
  }

  #refuseFull(decision: Principal | Refusal | null): Principal | Refusal | null {
    if (decision === null || "status" in decision) return decision;
    const most = this.#limiter.fullAt(decision);
    return most === undefined ? decision : tooMany(tooManyConnections(decision, most), RETRY_CONNECTION_MS);
  }
}

/** Returns a decision that writes its refusals. */
function audited(decide: Authorize, { audit, via }: { audit: Audit; via: EndpointName }): Authorize {
  return (request, asked) =>
    then(decide(request, asked), (decision) => {
      if (decision !== null && "status" in decision) {
        audit.refused(decision, { address: asked.address, origin: request.headers.get("origin"), via });
      }
      return decision;
    });
}

/** The codes with which this layer closes connections. */
const OUR_CODES: readonly number[] = [CLOSE.rateLimited, CLOSE.expired, CLOSE.revoked];

/** Returns a WebSocket connection that writes why this layer closes it. */
function closingAudited(inner: Connection, audit: Audit): Connection {
  let isClosed = false;
  return {
    peer: inner.peer,
    send: (text) => inner.send(text),
    ...inner.sendShared === undefined ? {} : { sendShared: (body, around) => inner.sendShared?.(body, around) },
    isBehind: (bytes) => inner.isBehind(bytes),
    drained: () => inner.drained(),
    close(code, reason) {
      if (!isClosed && OUR_CODES.includes(code)) audit.closed(inner.peer, { code, reason });
      isClosed = true;
      inner.close(code, reason);
    },
  };
}

/** Nobody knows when a connection ends, so this is only a hint, milliseconds. */
const RETRY_CONNECTION_MS = 1000;

function tooMany(sentence: string, retryAfterMs: number): Refusal {
  return {
    status: STATUS_CODE.TooManyRequests,
    sentence,
    headers: { "retry-after": `${Math.ceil(retryAfterMs / 1000)}` },
  };
}
